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
exports.Losses = void 0;
var data_ts_1 = require("./data.ts");
var errors_ts_1 = require("./errors.ts");
var Losses = /** @class */ (function () {
    function Losses(parts) {
        this.lastTime = performance.now();
        this.parts = parts;
    }
    /** Takes a step's tensors over, having waited for the step before. */
    Losses.prototype.add = function (_a) {
        return __awaiter(this, arguments, void 0, function (_b) {
            var values, _c, step, epoch, batchNumber, before;
            var loss = _b.loss, logits = _b.logits, batch = _b.batch, learningRate = _b.learningRate;
            return __generator(this, function (_d) {
                switch (_d.label) {
                    case 0:
                        values = Promise.all([loss.data(), logits.data(), batch.classes]);
                        values.catch(function () { }); // whoever settles it hears of it
                        _c = this.parts.progress, step = _c.step, epoch = _c.epoch, batchNumber = _c.batch;
                        before = this.running;
                        this.running = { loss: loss, logits: logits, step: step, epoch: epoch, batchNumber: batchNumber, size: batch.size, learningRate: learningRate, values: values };
                        if (!before) return [3 /*break*/, 2];
                        return [4 /*yield*/, this.take(before)];
                    case 1:
                        _d.sent();
                        _d.label = 2;
                    case 2: return [2 /*return*/];
                }
            });
        });
    };
    /** Waits until every step's loss is known to be a number. */
    Losses.prototype.settle = function () {
        return __awaiter(this, void 0, void 0, function () {
            var last;
            return __generator(this, function (_a) {
                switch (_a.label) {
                    case 0:
                        last = this.running;
                        this.running = undefined;
                        if (!last) return [3 /*break*/, 2];
                        return [4 /*yield*/, this.take(last)];
                    case 1:
                        _a.sent();
                        _a.label = 2;
                    case 2: return [2 /*return*/];
                }
            });
        });
    };
    Losses.prototype.take = function (_a) {
        return __awaiter(this, arguments, void 0, function (_b) {
            var _c, progress, batches, classes, options, _d, value, rows, labels_1, predicted, correct, seconds, sums;
            var _e;
            var loss = _b.loss, logits = _b.logits, step = _b.step, epoch = _b.epoch, batchNumber = _b.batchNumber, size = _b.size, learningRate = _b.learningRate, values = _b.values;
            return __generator(this, function (_f) {
                switch (_f.label) {
                    case 0:
                        _c = this.parts, progress = _c.progress, batches = _c.batches, classes = _c.classes, options = _c.options;
                        _f.label = 1;
                    case 1:
                        _f.trys.push([1, , 3, 4]);
                        return [4 /*yield*/, values];
                    case 2:
                        _d = _f.sent(), value = _d[0][0], rows = _d[1], labels_1 = _d[2];
                        if (!Number.isFinite(value))
                            throw new errors_ts_1.DivergedError(step - 1, epoch, value);
                        predicted = (0, data_ts_1.largest)(rows, classes);
                        correct = predicted.filter(function (label, i) { return label === labels_1[i]; }).length;
                        seconds = this.lap();
                        sums = progress.sums;
                        sums.loss += value * size;
                        sums.correct += correct;
                        sums.images += size;
                        sums.seconds += seconds;
                        (_e = options.onEvent) === null || _e === void 0 ? void 0 : _e.call(options, {
                            type: 'step',
                            step: step,
                            epoch: epoch,
                            batch: batchNumber,
                            batches: batches,
                            loss: value,
                            accuracy: correct / size,
                            learningRate: learningRate,
                            imagesPerSecond: size / this.secondsPerStep,
                            secondsLeft: this.secondsLeft(step),
                        });
                        return [3 /*break*/, 4];
                    case 3:
                        loss.dispose();
                        logits.dispose();
                        return [7 /*endfinally*/];
                    case 4: return [2 /*return*/];
                }
            });
        });
    };
    /** What happened since the last step counts as none of the next one's time. */
    Losses.prototype.restartClock = function () {
        this.lastTime = performance.now();
    };
    Losses.prototype.secondsLeft = function (step) {
        var _a;
        return (this.parts.totalSteps - step) * ((_a = this.secondsPerStep) !== null && _a !== void 0 ? _a : 0);
    };
    Losses.prototype.lap = function () {
        var now = performance.now();
        var seconds = Math.max(now - this.lastTime, 1e-3) / 1000;
        this.lastTime = now;
        this.secondsPerStep = this.secondsPerStep === undefined ? seconds : 0.9 * this.secondsPerStep + 0.1 * seconds;
        return seconds;
    };
    /** Frees what nobody waits for any more. */
    Losses.prototype.dispose = function () {
        var _a, _b;
        (_a = this.running) === null || _a === void 0 ? void 0 : _a.loss.dispose();
        (_b = this.running) === null || _b === void 0 ? void 0 : _b.logits.dispose();
        this.running = undefined;
    };
    return Losses;
}());
exports.Losses = Losses;
