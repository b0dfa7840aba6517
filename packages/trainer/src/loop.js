"use strict";
var __assign = (this && this.__assign) || function () {
    __assign = Object.assign || function(t) {
        for (var s, i = 1, n = arguments.length; i < n; i++) {
            s = arguments[i];
            for (var p in s) if (Object.prototype.hasOwnProperty.call(s, p))
                t[p] = s[p];
        }
        return t;
    };
    return __assign.apply(this, arguments);
};
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
var __asyncValues = (this && this.__asyncValues) || function (o) {
    if (!Symbol.asyncIterator) throw new TypeError("Symbol.asyncIterator is not defined.");
    var m = o[Symbol.asyncIterator], i;
    return m ? m.call(o) : (o = typeof __values === "function" ? __values(o) : o[Symbol.iterator](), i = {}, verb("next"), verb("throw"), verb("return"), i[Symbol.asyncIterator] = function () { return this; }, i);
    function verb(n) { i[n] = o[n] && function (v) { return new Promise(function (resolve, reject) { v = o[n](v), settle(resolve, reject, v.done, v.value); }); }; }
    function settle(resolve, reject, d, v) { Promise.resolve(v).then(function(v) { resolve({ value: v, done: d }); }, reject); }
};
Object.defineProperty(exports, "__esModule", { value: true });
exports.Loop = void 0;
var tfjs_core_1 = require("@tensorflow/tfjs-core");
var checkpoint_ts_1 = require("./checkpoint.ts");
var data_ts_1 = require("./data.ts");
var errors_ts_1 = require("./errors.ts");
var evaluate_ts_1 = require("./evaluate.ts");
var losses_ts_1 = require("./losses.ts");
var next_task_ts_1 = require("./next-task.ts");
var random_ts_1 = require("./random.ts");
var schedules_ts_1 = require("./schedules.ts");
var step_ts_1 = require("./step.ts");
var strides_ts_1 = require("./strides.ts");
var Loop = /** @class */ (function () {
    function Loop(parts) {
        this.lastSave = { step: -1, time: performance.now() };
        var settings = parts.settings, batches = parts.batches, progress = parts.progress, options = parts.options, network = parts.network;
        this.parts = parts;
        this.totalSteps = settings.epochs * batches;
        this.losses = new losses_ts_1.Losses({ progress: progress, batches: batches, totalSteps: this.totalSteps, classes: network.classes, options: options });
        this.example = network.example;
        if (progress.step > 0)
            this.lastSave.step = progress.step;
    }
    Loop.prototype.run = function () {
        return __awaiter(this, void 0, void 0, function () {
            var _a, progress, settings, options, reason;
            var _b;
            return __generator(this, function (_c) {
                switch (_c.label) {
                    case 0:
                        _a = this.parts, progress = _a.progress, settings = _a.settings, options = _a.options;
                        return [4 /*yield*/, this.announce()];
                    case 1:
                        _c.sent();
                        reason = 'finished';
                        _c.label = 2;
                    case 2:
                        _c.trys.push([2, , 8, 9]);
                        _c.label = 3;
                    case 3:
                        if (!(progress.epoch < settings.epochs && reason === 'finished')) return [3 /*break*/, 7];
                        if (!this.stale()) return [3 /*break*/, 4];
                        reason = 'early-stop';
                        return [3 /*break*/, 6];
                    case 4: return [4 /*yield*/, this.epoch()];
                    case 5:
                        if (!(_c.sent()))
                            reason = 'aborted';
                        _c.label = 6;
                    case 6: return [3 /*break*/, 3];
                    case 7: return [3 /*break*/, 9];
                    case 8:
                        this.losses.dispose();
                        return [7 /*endfinally*/];
                    case 9:
                        (_b = options.onEvent) === null || _b === void 0 ? void 0 : _b.call(options, { type: 'end', step: progress.step, reason: reason });
                        return [2 /*return*/, reason];
                }
            });
        });
    };
    Loop.prototype.announce = function () {
        return __awaiter(this, void 0, void 0, function () {
            var _a, network, batches, settings, progress, options, variables, model, _b, _c, _d, _e;
            var _f;
            var _g, _h;
            return __generator(this, function (_j) {
                switch (_j.label) {
                    case 0:
                        _a = this.parts, network = _a.network, batches = _a.batches, settings = _a.settings, progress = _a.progress, options = _a.options;
                        variables = network.variables, model = network.model;
                        if (!((_g = options.onEvent) === null || _g === void 0)) return [3 /*break*/, 1];
                        _b = void 0;
                        return [3 /*break*/, 3];
                    case 1:
                        _d = (_c = _g).call;
                        _e = [options];
                        _f = {
                            type: 'start',
                            epochs: settings.epochs,
                            batches: batches,
                            step: progress.step,
                            totalSteps: this.totalSteps,
                            trainableParameters: variables.reduce(function (sum, _a) {
                                var size = _a.size;
                                return sum + size;
                            }, 0),
                            backend: (0, tfjs_core_1.getBackend)()
                        };
                        return [4 /*yield*/, (0, strides_ts_1.readStrides)(model, this.example)];
                    case 2:
                        _b = _d.apply(_c, _e.concat([(_f.strides = _j.sent(),
                                _f.multiplyAdds = (_h = options.multiplyAdds) === null || _h === void 0 ? void 0 : _h.call(options, model),
                                _f)]));
                        _j.label = 3;
                    case 3:
                        _b;
                        return [2 /*return*/];
                }
            });
        });
    };
    /** The rest of the epoch at hand; false where the signal ended it before its time. */
    Loop.prototype.epoch = function () {
        return __awaiter(this, void 0, void 0, function () {
            var _a, progress, options, epochData, _b, _c, _d, given, aborted, batch, e_1_1;
            var _e, e_1, _f, _g;
            var _h, _j, _k, _l, _m;
            return __generator(this, function (_o) {
                switch (_o.label) {
                    case 0:
                        _a = this.parts, progress = _a.progress, options = _a.options;
                        epochData = this.batchesOf(progress.epoch);
                        this.losses.restartClock();
                        _o.label = 1;
                    case 1:
                        _o.trys.push([1, 13, 14, 19]);
                        _b = true, _c = __asyncValues(epochData.from(progress.batch));
                        _o.label = 2;
                    case 2: return [4 /*yield*/, _c.next()];
                    case 3:
                        if (!(_d = _o.sent(), _e = _d.done, !_e)) return [3 /*break*/, 12];
                        _g = _d.value;
                        _b = false;
                        given = _g;
                        aborted = (_h = options.signal) === null || _h === void 0 ? void 0 : _h.aborted;
                        if (aborted)
                            (_j = given.dispose) === null || _j === void 0 ? void 0 : _j.call(given);
                        if (aborted)
                            return [3 /*break*/, 12];
                        batch = (0, data_ts_1.toDevice)('fit', given, this.parts.network.example, this.parts.network.classes);
                        _o.label = 4;
                    case 4:
                        _o.trys.push([4, , 6, 7]);
                        this.example = batch.images.shape.slice(1);
                        return [4 /*yield*/, this.step(batch)];
                    case 5:
                        _o.sent();
                        return [3 /*break*/, 7];
                    case 6:
                        batch.dispose();
                        return [7 /*endfinally*/];
                    case 7: return [4 /*yield*/, (0, next_task_ts_1.nextTask)()];
                    case 8:
                        _o.sent();
                        if (!(progress.batch < this.parts.batches && !((_k = options.signal) === null || _k === void 0 ? void 0 : _k.aborted) && this.saveIsDue())) return [3 /*break*/, 10];
                        return [4 /*yield*/, this.save(false)];
                    case 9:
                        _o.sent();
                        _o.label = 10;
                    case 10:
                        if (progress.batch >= this.parts.batches)
                            return [3 /*break*/, 12];
                        _o.label = 11;
                    case 11:
                        _b = true;
                        return [3 /*break*/, 2];
                    case 12: return [3 /*break*/, 19];
                    case 13:
                        e_1_1 = _o.sent();
                        e_1 = { error: e_1_1 };
                        return [3 /*break*/, 19];
                    case 14:
                        _o.trys.push([14, , 17, 18]);
                        if (!(!_b && !_e && (_f = _c.return))) return [3 /*break*/, 16];
                        return [4 /*yield*/, _f.call(_c)];
                    case 15:
                        _o.sent();
                        _o.label = 16;
                    case 16: return [3 /*break*/, 18];
                    case 17:
                        if (e_1) throw e_1.error;
                        return [7 /*endfinally*/];
                    case 18: return [7 /*endfinally*/];
                    case 19: return [4 /*yield*/, this.losses.settle()];
                    case 20:
                        _o.sent();
                        if (!(progress.batch < this.parts.batches)) return [3 /*break*/, 23];
                        if (!((_l = options.signal) === null || _l === void 0 ? void 0 : _l.aborted)) {
                            throw new errors_ts_1.TrainerError('fit', "an epoch must give its ".concat(this.parts.batches, " batches"), progress.batch);
                        }
                        if (!(progress.step !== this.lastSave.step)) return [3 /*break*/, 22];
                        return [4 /*yield*/, this.save(false)];
                    case 21:
                        _o.sent();
                        _o.label = 22;
                    case 22: return [2 /*return*/, false];
                    case 23: return [4 /*yield*/, this.finishEpoch()];
                    case 24:
                        _o.sent();
                        return [2 /*return*/, !((_m = options.signal) === null || _m === void 0 ? void 0 : _m.aborted) || progress.epoch >= this.parts.settings.epochs];
                }
            });
        });
    };
    Loop.prototype.batchesOf = function (epoch) {
        var _a = this.parts, data = _a.data, batches = _a.batches;
        var made = data.train(epoch);
        if (made.length === batches)
            return made;
        throw new errors_ts_1.TrainerError('fit', "every epoch must have ".concat(batches, " batches, as the first one has"), made.length);
    };
    Loop.prototype.step = function (batch) {
        return __awaiter(this, void 0, void 0, function () {
            var _a, network, optimizer, settings, progress, learningRate, result;
            return __generator(this, function (_b) {
                switch (_b.label) {
                    case 0:
                        _a = this.parts, network = _a.network, optimizer = _a.optimizer, settings = _a.settings, progress = _a.progress;
                        learningRate = (0, schedules_ts_1.learningRateAt)(settings.schedule, progress.step, this.totalSteps);
                        optimizer.learningRate = learningRate;
                        result = (0, random_ts_1.withRandom)("".concat(settings.seed, "/").concat(progress.step), function () {
                            return (0, step_ts_1.trainStep)(network, optimizer, batch, settings.labelSmoothing);
                        });
                        progress.step++;
                        progress.batch++;
                        // The step before this one is read only now, so that a device has always something to do.
                        return [4 /*yield*/, this.losses.add(__assign(__assign({}, result), { batch: batch, learningRate: learningRate }))];
                    case 1:
                        // The step before this one is read only now, so that a device has always something to do.
                        _b.sent();
                        return [2 /*return*/];
                }
            });
        });
    };
    Loop.prototype.finishEpoch = function () {
        return __awaiter(this, void 0, void 0, function () {
            var _a, network, data, progress, settings, options, _b, loss, correct, images, seconds, validation, _c, event, _d;
            var _e;
            var _f;
            return __generator(this, function (_g) {
                switch (_g.label) {
                    case 0:
                        _a = this.parts, network = _a.network, data = _a.data, progress = _a.progress, settings = _a.settings, options = _a.options;
                        _b = progress.sums, loss = _b.loss, correct = _b.correct, images = _b.images, seconds = _b.seconds;
                        _c = data.validation;
                        if (!_c) return [3 /*break*/, 2];
                        return [4 /*yield*/, (0, evaluate_ts_1.evaluateNetwork)('fit', network, data.validation)];
                    case 1:
                        _c = (_g.sent());
                        _g.label = 2;
                    case 2:
                        validation = _c;
                        _d = [__assign({ type: 'epoch', epoch: progress.epoch, epochs: settings.epochs, step: progress.step, loss: loss / images, accuracy: correct / images }, (validation && { validationLoss: validation.loss, validationAccuracy: validation.accuracy }))];
                        _e = { learningRate: (0, schedules_ts_1.learningRateAt)(settings.schedule, progress.step - 1, this.totalSteps) };
                        return [4 /*yield*/, (0, strides_ts_1.readStrides)(network.model, this.example)];
                    case 3:
                        event = __assign.apply(void 0, [__assign.apply(void 0, [__assign.apply(void 0, _d.concat([(_e.strides = _g.sent(), _e)])), (options.multiplyAdds && { multiplyAdds: options.multiplyAdds(network.model) })]), { imagesPerSecond: images / seconds, seconds: seconds, secondsLeft: this.losses.secondsLeft(progress.step), best: false }]);
                        event.best = this.improves(event);
                        if (event.best)
                            progress.best = { epoch: progress.epoch, value: event[settings.monitor] };
                        progress.history.push(event);
                        progress.epoch++;
                        progress.batch = 0;
                        progress.sums = (0, checkpoint_ts_1.emptySums)();
                        (_f = options.onEvent) === null || _f === void 0 ? void 0 : _f.call(options, event);
                        return [4 /*yield*/, this.save(event.best)];
                    case 4:
                        _g.sent();
                        return [2 /*return*/];
                }
            });
        });
    };
    Loop.prototype.improves = function (event) {
        var _a, _b;
        var _c = this.parts, settings = _c.settings, progress = _c.progress;
        var value = event[settings.monitor];
        if (!progress.best)
            return true;
        var gain = settings.monitor.toLowerCase().endsWith('loss')
            ? progress.best.value - value
            : value - progress.best.value;
        return gain > ((_b = (_a = settings.earlyStopping) === null || _a === void 0 ? void 0 : _a.minDelta) !== null && _b !== void 0 ? _b : 0);
    };
    /** Whether the last epochs, as many as patience allows, were no better than one before them. */
    Loop.prototype.stale = function () {
        var _a = this.parts, settings = _a.settings, progress = _a.progress;
        var earlyStopping = settings.earlyStopping;
        if (!earlyStopping || !progress.best)
            return false;
        return progress.epoch - 1 - progress.best.epoch >= earlyStopping.patience;
    };
    Loop.prototype.saveIsDue = function () {
        var _a;
        var _b = (_a = this.parts.options.checkpointEvery) !== null && _a !== void 0 ? _a : {}, steps = _b.steps, _c = _b.seconds, seconds = _c === void 0 ? 60 : _c;
        var step = this.parts.progress.step;
        if (!this.parts.options.checkpoints)
            return false;
        return (steps !== undefined && step % steps === 0) || performance.now() - this.lastSave.time >= seconds * 1000;
    };
    Loop.prototype.save = function (best) {
        return __awaiter(this, void 0, void 0, function () {
            var _a, options, progress, capture, where, _b, _c;
            var _d;
            return __generator(this, function (_e) {
                switch (_e.label) {
                    case 0:
                        _a = this.parts, options = _a.options, progress = _a.progress, capture = _a.capture;
                        if (!options.checkpoints)
                            return [2 /*return*/];
                        return [4 /*yield*/, this.losses.settle()];
                    case 1:
                        _e.sent();
                        _c = (_b = options.checkpoints).save;
                        return [4 /*yield*/, capture()];
                    case 2: return [4 /*yield*/, _c.apply(_b, [_e.sent(), best])];
                    case 3:
                        where = _e.sent();
                        this.lastSave = { step: progress.step, time: performance.now() };
                        (_d = options.onEvent) === null || _d === void 0 ? void 0 : _d.call(options, { type: 'checkpoint', step: progress.step, where: where, best: best });
                        return [2 /*return*/];
                }
            });
        });
    };
    return Loop;
}());
exports.Loop = Loop;
