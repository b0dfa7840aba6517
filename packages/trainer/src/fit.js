"use strict";
var __awaiter = (this && this.__awaiter) || function (thisArg, _arguments, P, generator) {
    function adopt(value) { return value instanceof P ? value : new P(function (resolve) { resolve(value); }); }
    return new (P || (P = Promise))(function (resolve, reject) {
        function fulfilled(value) { try { step(generator.next(value)); } catch (e) { reject(e); } }
        function rejected(value) { try { step(generator["throw"](value)); } catch (e) { reject(e); } }
        function step(result) { result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected); }
        step((generator = generator.apply(thisArg, _arguments || [])).next());
    });
};
var __generator = (this && this.__generator) || function (thisArg, body) {
    var _ = { label: 0, sent: function() { if (t[0] & 1) throw t[1]; return t[1]; }, trys: [], ops: [] }, f, y, t, g = Object.create((typeof Iterator === "function" ? Iterator : Object).prototype);
    return g.next = verb(0), g["throw"] = verb(1), g["return"] = verb(2), typeof Symbol === "function" && (g[Symbol.iterator] = function() { return this; }), g;
    function verb(n) { return function (v) { return step([n, v]); }; }
    function step(op) {
        if (f) throw new TypeError("Generator is already executing.");
        while (g && (g = 0, op[0] && (_ = 0)), _) try {
            if (f = 1, y && (t = op[0] & 2 ? y["return"] : op[0] ? y["throw"] || ((t = y["return"]) && t.call(y), 0) : y.next) && !(t = t.call(y, op[1])).done) return t;
            if (y = 0, t) op = [op[0] & 2, t.value];
            switch (op[0]) {
                case 0: case 1: t = op; break;
                case 4: _.label++; return { value: op[1], done: false };
                case 5: _.label++; y = op[1]; op = [0]; continue;
                case 7: op = _.ops.pop(); _.trys.pop(); continue;
                default:
                    if (!(t = _.trys, t = t.length > 0 && t[t.length - 1]) && (op[0] === 6 || op[0] === 2)) { _ = 0; continue; }
                    if (op[0] === 3 && (!t || (op[1] > t[0] && op[1] < t[3]))) { _.label = op[1]; break; }
                    if (op[0] === 6 && _.label < t[1]) { _.label = t[1]; t = op; break; }
                    if (t && _.label < t[2]) { _.label = t[2]; _.ops.push(op); break; }
                    if (t[2]) _.ops.pop();
                    _.trys.pop(); continue;
            }
            op = body.call(thisArg, _);
        } catch (e) { op = [6, e]; y = 0; } finally { f = t = 0; }
        if (op[0] & 5) throw op[1]; return { value: op[0] ? op[1] : void 0, done: true };
    }
};
Object.defineProperty(exports, "__esModule", { value: true });
exports.fit = fit;
var checkpoint_ts_1 = require("./checkpoint.ts");
var errors_ts_1 = require("./errors.ts");
var loop_ts_1 = require("./loop.ts");
var network_ts_1 = require("./network.ts");
var options_ts_1 = require("./options.ts");
/**
 * Trains a classifier. One step is forward, softmax cross-entropy, gradient and an update of all weights at once; the loss
 * is read while the next step runs. With `checkpoints` it goes on where the last one ended, and ends with the weights that
 * it would have had without the interruption.
 *
 * The model takes (size, ...example) and gives (size, classes), logits or softmax's probabilities.
 */
function fit(model, data, options) {
    return __awaiter(this, void 0, void 0, function () {
        var settings, network, batches, configuration, loaded, optimizer, progress_1, capture, loop, reason;
        var _a;
        return __generator(this, function (_b) {
            switch (_b.label) {
                case 0:
                    settings = (0, options_ts_1.trainingSettings)(options, Boolean(data.validation));
                    checkEvery(options.checkpointEvery);
                    network = (0, network_ts_1.networkOf)('fit', model);
                    batches = data.train(0).length;
                    if (batches < 1)
                        throw new errors_ts_1.TrainerError('fit', 'an epoch must have a batch; is the batch larger than the data?', batches);
                    configuration = configurationOf(settings, batches);
                    return [4 /*yield*/, ((_a = options.checkpoints) === null || _a === void 0 ? void 0 : _a.load(function (message) { var _a; return (_a = options.onEvent) === null || _a === void 0 ? void 0 : _a.call(options, { type: 'notice', message: message }); }))];
                case 1:
                    loaded = _b.sent();
                    if (loaded)
                        (0, checkpoint_ts_1.checkConfiguration)(configuration, loaded);
                    optimizer = (0, options_ts_1.makeOptimizer)(settings);
                    _b.label = 2;
                case 2:
                    _b.trys.push([2, , 4, 5]);
                    if (loaded)
                        resume(model, loaded, options);
                    if (loaded)
                        optimizer.importState(loaded.state.optimizer);
                    progress_1 = loaded ? structuredClone(loaded.state.progress) : (0, checkpoint_ts_1.startingProgress)();
                    capture = function () { return (0, checkpoint_ts_1.captureState)(configuration, progress_1, model, optimizer); };
                    loop = new loop_ts_1.Loop({ network: network, optimizer: optimizer, data: data, batches: batches, settings: settings, options: options, progress: progress_1, capture: capture });
                    return [4 /*yield*/, loop.run()];
                case 3:
                    reason = _b.sent();
                    return [2 /*return*/, { reason: reason, step: progress_1.step, history: progress_1.history, best: progress_1.best }];
                case 4:
                    optimizer.dispose();
                    return [7 /*endfinally*/];
                case 5: return [2 /*return*/];
            }
        });
    });
}
function resume(model, _a, _b) {
    var state = _a.state, where = _a.where;
    var onEvent = _b.onEvent;
    (0, checkpoint_ts_1.restoreWeights)(model, state, where);
    var _c = state.progress, step = _c.step, epoch = _c.epoch, batch = _c.batch;
    onEvent === null || onEvent === void 0 ? void 0 : onEvent({ type: 'resume', step: step, epoch: epoch, batch: batch, from: where });
}
/** Everything that decides what the weights will be, beside the model and the data. */
function configurationOf(settings, batches) {
    return JSON.parse(JSON.stringify({ training: settings, batches: batches }));
}
function checkEvery(_a) {
    var _b = _a === void 0 ? {} : _a, steps = _b.steps, seconds = _b.seconds;
    if (steps !== undefined)
        (0, errors_ts_1.checkWholeNumber)('fit', 'checkpointEvery.steps', steps, 1);
    if (seconds !== undefined)
        (0, errors_ts_1.checkNumber)('fit', 'checkpointEvery.seconds', seconds, { open: true });
}
