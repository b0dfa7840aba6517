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
var __await = (this && this.__await) || function (v) { return this instanceof __await ? (this.v = v, this) : new __await(v); }
var __asyncGenerator = (this && this.__asyncGenerator) || function (thisArg, _arguments, generator) {
    if (!Symbol.asyncIterator) throw new TypeError("Symbol.asyncIterator is not defined.");
    var g = generator.apply(thisArg, _arguments || []), i, q = [];
    return i = Object.create((typeof AsyncIterator === "function" ? AsyncIterator : Object).prototype), verb("next"), verb("throw"), verb("return", awaitReturn), i[Symbol.asyncIterator] = function () { return this; }, i;
    function awaitReturn(f) { return function (v) { return Promise.resolve(v).then(f, reject); }; }
    function verb(n, f) { if (g[n]) { i[n] = function (v) { return new Promise(function (a, b) { q.push([n, v, a, b]) > 1 || resume(n, v); }); }; if (f) i[n] = f(i[n]); } }
    function resume(n, v) { try { step(g[n](v)); } catch (e) { settle(q[0][3], e); } }
    function step(r) { r.value instanceof __await ? Promise.resolve(r.value.v).then(fulfill, reject) : settle(q[0][2], r); }
    function fulfill(value) { resume("next", value); }
    function reject(value) { resume("throw", value); }
    function settle(f, v) { if (f(v), q.shift(), q.length) resume(q[0][0], q[0][1]); }
};
var __spreadArray = (this && this.__spreadArray) || function (to, from, pack) {
    if (pack || arguments.length === 2) for (var i = 0, l = from.length, ar; i < l; i++) {
        if (ar || !(i in from)) {
            if (!ar) ar = Array.prototype.slice.call(from, 0, i);
            ar[i] = from[i];
        }
    }
    return to.concat(ar || Array.prototype.slice.call(from));
};
Object.defineProperty(exports, "__esModule", { value: true });
var test_kit_1 = require("@stridelab/test-kit");
var tf = require("@tensorflow/tfjs-core");
var tfl = require("@tensorflow/tfjs-layers");
var vitest_1 = require("vitest");
var array_data_ts_1 = require("./array-data.ts");
var errors_ts_1 = require("./errors.ts");
var fit_ts_1 = require("./fit.ts");
var test_tools_ts_1 = require("./test-tools.ts");
var recipe = { epochs: 3, schedule: 0.05, optimizer: { kind: 'sgd', momentum: 0.9 } };
(0, test_kit_1.forEachBackend)(function (backend) {
    (0, vitest_1.it)('learns, tells of everything, and validates', function () { return __awaiter(void 0, void 0, void 0, function () {
        var _a, events, onEvent, model, result, _b, first, last, steps, mean;
        return __generator(this, function (_c) {
            switch (_c.label) {
                case 0:
                    _a = (0, test_tools_ts_1.recorder)(), events = _a.events, onEvent = _a.onEvent;
                    model = (0, test_tools_ts_1.smallModel)();
                    return [4 /*yield*/, (0, fit_ts_1.fit)(model, (0, test_tools_ts_1.smallData)(96), __assign(__assign({}, recipe), { epochs: 6, onEvent: onEvent }))];
                case 1:
                    result = _c.sent();
                    (0, vitest_1.expect)(result).toMatchObject({ reason: 'finished', step: 54 });
                    (0, vitest_1.expect)(result.history).toHaveLength(6);
                    _b = [result.history[0], result.history.at(-1)], first = _b[0], last = _b[1];
                    (0, vitest_1.expect)(last.loss).toBeLessThan(first.loss / 2);
                    (0, vitest_1.expect)(last.validationAccuracy).toBeGreaterThan(0.8);
                    (0, vitest_1.expect)(events.map(function (_a) {
                        var type = _a.type;
                        return type;
                    }).filter(function (type) { return type !== 'step'; })).toEqual(__spreadArray(__spreadArray([
                        'start'
                    ], new Array(6).fill('epoch'), true), [
                        'end',
                    ], false));
                    steps = (0, test_tools_ts_1.ofType)(events, 'step');
                    (0, vitest_1.expect)(steps.map(function (_a) {
                        var step = _a.step;
                        return step;
                    })).toEqual(Array.from({ length: 54 }, function (_, i) { return i + 1; }));
                    (0, vitest_1.expect)(steps[10]).toMatchObject({ epoch: 1, batch: 2, batches: 9, learningRate: 0.05 });
                    mean = steps.slice(0, 9).reduce(function (sum, _a) {
                        var loss = _a.loss;
                        return sum + loss;
                    }, 0) / 9;
                    (0, vitest_1.expect)(first.loss).toBeCloseTo(mean, 10);
                    (0, vitest_1.expect)((0, test_tools_ts_1.ofType)(events, 'start')[0]).toMatchObject({
                        totalSteps: 54,
                        trainableParameters: 36 * 8 + 8 + 16 + 27,
                        backend: backend,
                    });
                    return [2 /*return*/];
            }
        });
    }); });
    (0, vitest_1.it)('leaves no tensor behind, whether it ends or fails', function () { return __awaiter(void 0, void 0, void 0, function () {
        var model, broken, failing, before;
        return __generator(this, function (_a) {
            switch (_a.label) {
                case 0:
                    model = (0, test_tools_ts_1.smallModel)();
                    broken = (0, test_tools_ts_1.examples)(16);
                    broken.images[0] = Number.NaN;
                    failing = (0, array_data_ts_1.arrayData)(__assign(__assign({}, broken), { batchSize: 8 }));
                    before = tf.memory().numTensors;
                    return [4 /*yield*/, (0, fit_ts_1.fit)(model, (0, test_tools_ts_1.smallData)(), __assign(__assign({}, recipe), { checkpoints: (0, test_tools_ts_1.memoryStore)() }))];
                case 1:
                    _a.sent();
                    (0, vitest_1.expect)(tf.memory().numTensors).toBe(before);
                    return [4 /*yield*/, (0, fit_ts_1.fit)(model, failing, recipe).catch(function () { })];
                case 2:
                    _a.sent();
                    (0, vitest_1.expect)(tf.memory().numTensors).toBe(before);
                    return [2 /*return*/];
            }
        });
    }); });
    (0, vitest_1.it)('keeps the number of tensors the same after every step', function () { return __awaiter(void 0, void 0, void 0, function () {
        var counts, data, within;
        return __generator(this, function (_a) {
            switch (_a.label) {
                case 0:
                    counts = [];
                    data = (0, test_tools_ts_1.smallData)();
                    return [4 /*yield*/, (0, fit_ts_1.fit)((0, test_tools_ts_1.smallModel)(), data, __assign(__assign({}, recipe), { onEvent: function (_a) {
                                var type = _a.type;
                                if (type === 'step')
                                    counts.push(tf.memory().numTensors);
                            } }))];
                case 1:
                    _a.sent();
                    within = counts.filter(function (_, i) { return i % 5 !== 4 && i > 0; });
                    (0, vitest_1.expect)(new Set(within).size).toBe(1);
                    return [2 /*return*/];
            }
        });
    }); });
});
(0, vitest_1.describe)('on cpu', function () {
    (0, test_kit_1.forEachBackend)(function () {
        (0, vitest_1.it)('does what plain TF.js does: the loss, penalties of layers, momentum and moving statistics', function () { return __awaiter(void 0, void 0, void 0, function () {
            var regularized, _a, ours, plain, data, _b, events, onEvent, _c, images, labels, x, y, history, all;
            return __generator(this, function (_d) {
                switch (_d.label) {
                    case 0:
                        regularized = function () {
                            var model = (0, test_tools_ts_1.smallModel)({ activation: 'softmax', dropout: 0 });
                            var penalty = function () { return tf.mul(0.01, tf.sum(tf.square(model.layers[1].getWeights()[0]))); };
                            model.layers[1].addLoss(function () { return penalty(); });
                            return model;
                        };
                        _a = [regularized(), regularized()], ours = _a[0], plain = _a[1];
                        data = (0, array_data_ts_1.arrayData)(__assign(__assign({}, (0, test_tools_ts_1.examples)(24)), { batchSize: 24 }));
                        _b = (0, test_tools_ts_1.recorder)(), events = _b.events, onEvent = _b.onEvent;
                        return [4 /*yield*/, (0, fit_ts_1.fit)(ours, data, __assign(__assign({}, recipe), { epochs: 3, onEvent: onEvent }))];
                    case 1:
                        _d.sent();
                        plain.compile({ optimizer: tf.train.momentum(0.05, 0.9), loss: 'categoricalCrossentropy' });
                        _c = (0, test_tools_ts_1.examples)(24), images = _c.images, labels = _c.labels;
                        x = tf.tensor(images, [24, 6, 6, 1]);
                        y = tf.oneHot(tf.tensor1d(labels, 'int32'), 3);
                        return [4 /*yield*/, plain.fit(x, y, { epochs: 3, batchSize: 24, shuffle: false, verbose: 0 })];
                    case 2:
                        history = _d.sent();
                        (0, test_tools_ts_1.ofType)(events, 'step').forEach(function (_a, i) {
                            var loss = _a.loss;
                            (0, vitest_1.expect)(loss).toBeCloseTo(Number(history.history.loss[i]), 4);
                        });
                        all = function (model) { return tf.concat(model.getWeights().map(function (weight) { return tf.reshape(weight, [-1]); })); };
                        return [4 /*yield*/, (0, vitest_1.expect)(all(ours)).toBeAllClose(all(plain), { relative: 1e-4 })];
                    case 3:
                        _d.sent();
                        return [2 /*return*/];
                }
            });
        }); });
        (0, vitest_1.it)('counts a penalty once where a layer is used twice', function () { return __awaiter(void 0, void 0, void 0, function () {
            var input, shared, flat, sum, head, _a, events, onEvent;
            return __generator(this, function (_b) {
                switch (_b.label) {
                    case 0:
                        input = tfl.input({ shape: [6, 6, 1] });
                        shared = tfl.layers.dense({ units: 4, kernelInitializer: 'zeros' });
                        shared.addLoss(function () { return tf.scalar(7); });
                        flat = tfl.layers.flatten().apply(input);
                        sum = tfl.layers.add().apply([shared.apply(flat), shared.apply(flat)]);
                        head = tfl.layers.dense({ units: 3, kernelInitializer: 'zeros' }).apply(sum);
                        _a = (0, test_tools_ts_1.recorder)(), events = _a.events, onEvent = _a.onEvent;
                        return [4 /*yield*/, (0, fit_ts_1.fit)(tfl.model({ inputs: input, outputs: head }), (0, test_tools_ts_1.smallData)(), { epochs: 1, schedule: 0, onEvent: onEvent })];
                    case 1:
                        _b.sent();
                        (0, vitest_1.expect)((0, test_tools_ts_1.ofType)(events, 'step')[0].loss).toBeCloseTo(7 + Math.log(3), 5);
                        return [2 /*return*/];
                }
            });
        }); });
        (0, vitest_1.it)('shrinks kernels and nothing else: l2 as its penalty would, decoupled as AdamW', function () { return __awaiter(void 0, void 0, void 0, function () {
            var still, weights, l2, decoupled;
            return __generator(this, function (_a) {
                switch (_a.label) {
                    case 0:
                        still = { images: new Float32Array(3 * 36), labels: [0, 1, 2], shape: [6, 6, 1] };
                        weights = function (decay) { return __awaiter(void 0, void 0, void 0, function () {
                            var model, before, optimizer;
                            return __generator(this, function (_a) {
                                switch (_a.label) {
                                    case 0:
                                        model = (0, test_tools_ts_1.smallModel)({ dropout: 0 });
                                        before = model.layers[1].getWeights()[0].clone();
                                        optimizer = { kind: 'sgd', momentum: 0, decay: decay };
                                        return [4 /*yield*/, (0, fit_ts_1.fit)(model, (0, array_data_ts_1.arrayData)(__assign(__assign({}, still), { batchSize: 3 })), { epochs: 1, schedule: 0.1, optimizer: optimizer })];
                                    case 1:
                                        _a.sent();
                                        return [2 /*return*/, { before: before, after: model.layers[1].getWeights()[0], offset: model.layers[2].getWeights()[0] }];
                                }
                            });
                        }); };
                        return [4 /*yield*/, weights({ kind: 'l2', rate: 0.5 })];
                    case 1:
                        l2 = _a.sent();
                        return [4 /*yield*/, (0, vitest_1.expect)(l2.after).toBeAllClose(tf.mul(l2.before, 1 - 0.1 * 2 * 0.5))];
                    case 2:
                        _a.sent();
                        return [4 /*yield*/, (0, vitest_1.expect)(l2.offset).toBeAllClose(tf.ones([8]))];
                    case 3:
                        _a.sent();
                        return [4 /*yield*/, weights({ kind: 'decoupled', rate: 0.5 })];
                    case 4:
                        decoupled = _a.sent();
                        return [4 /*yield*/, (0, vitest_1.expect)(decoupled.after).toBeAllClose(tf.mul(decoupled.before, 1 - 0.1 * 0.5))];
                    case 5:
                        _a.sent();
                        return [2 /*return*/];
                }
            });
        }); });
        (0, vitest_1.it)('gives the same weights for the same seed, dropout and all, and leaves Math.random alone', function () { return __awaiter(void 0, void 0, void 0, function () {
            var random, run, _a, first, again, other, _b;
            return __generator(this, function (_c) {
                switch (_c.label) {
                    case 0:
                        random = Math.random;
                        run = function (seed) { return __awaiter(void 0, void 0, void 0, function () {
                            var model;
                            return __generator(this, function (_a) {
                                switch (_a.label) {
                                    case 0:
                                        model = (0, test_tools_ts_1.smallModel)();
                                        return [4 /*yield*/, (0, fit_ts_1.fit)(model, (0, test_tools_ts_1.smallData)(), __assign(__assign({}, recipe), { seed: seed }))];
                                    case 1:
                                        _a.sent();
                                        return [4 /*yield*/, (0, test_tools_ts_1.weightBits)(model)];
                                    case 2: return [2 /*return*/, _a.sent()];
                                }
                            });
                        }); };
                        return [4 /*yield*/, run(1)];
                    case 1:
                        _b = [_c.sent()];
                        return [4 /*yield*/, run(1)];
                    case 2:
                        _b = _b.concat([_c.sent()]);
                        return [4 /*yield*/, run(2)];
                    case 3:
                        _a = _b.concat([_c.sent()]), first = _a[0], again = _a[1], other = _a[2];
                        (0, vitest_1.expect)(again).toEqual(first);
                        (0, vitest_1.expect)(other).not.toEqual(first);
                        (0, vitest_1.expect)(Math.random).toBe(random);
                        return [2 /*return*/];
                }
            });
        }); });
        (0, vitest_1.it)('goes on bit for bit wherever it was interrupted, whichever optimizer', function () { return __awaiter(void 0, void 0, void 0, function () {
            var _i, _a, kind, options, whole, uninterrupted, _loop_1, _b, _c, at;
            return __generator(this, function (_d) {
                switch (_d.label) {
                    case 0:
                        _i = 0, _a = ['sgd', 'adam'];
                        _d.label = 1;
                    case 1:
                        if (!(_i < _a.length)) return [3 /*break*/, 7];
                        kind = _a[_i];
                        options = { epochs: 3, schedule: 0.01, optimizer: { kind: kind }, labelSmoothing: 0.1 };
                        whole = (0, test_tools_ts_1.smallModel)();
                        return [4 /*yield*/, (0, fit_ts_1.fit)(whole, (0, test_tools_ts_1.smallData)(), options)];
                    case 2:
                        uninterrupted = _d.sent();
                        _loop_1 = function (at) {
                            var checkpoints, stop_1, cut, resumed, _e, events, onEvent, result, _f, _g, _h;
                            return __generator(this, function (_j) {
                                switch (_j.label) {
                                    case 0:
                                        checkpoints = (0, test_tools_ts_1.memoryStore)();
                                        stop_1 = new AbortController();
                                        return [4 /*yield*/, (0, fit_ts_1.fit)((0, test_tools_ts_1.smallModel)(), (0, test_tools_ts_1.smallData)(), __assign(__assign({}, options), { checkpoints: checkpoints, signal: stop_1.signal, onEvent: function (event) {
                                                    if (event.type === 'step' && event.step === at)
                                                        stop_1.abort();
                                                } }))];
                                    case 1:
                                        cut = _j.sent();
                                        (0, vitest_1.expect)(cut.reason).toBe('aborted');
                                        resumed = (0, test_tools_ts_1.smallModel)({});
                                        _e = (0, test_tools_ts_1.recorder)(), events = _e.events, onEvent = _e.onEvent;
                                        return [4 /*yield*/, (0, fit_ts_1.fit)(resumed, (0, test_tools_ts_1.smallData)(), __assign(__assign({}, options), { checkpoints: checkpoints, onEvent: onEvent }))];
                                    case 2:
                                        result = _j.sent();
                                        (0, vitest_1.expect)((0, test_tools_ts_1.ofType)(events, 'resume')[0].step).toBe(cut.step);
                                        (0, vitest_1.expect)(result).toMatchObject({ reason: 'finished', step: uninterrupted.step });
                                        (0, vitest_1.expect)(result.history.map(function (_a) {
                                            var loss = _a.loss;
                                            return loss;
                                        })).toEqual(uninterrupted.history.map(function (_a) {
                                            var loss = _a.loss;
                                            return loss;
                                        }));
                                        _g = vitest_1.expect;
                                        return [4 /*yield*/, (0, test_tools_ts_1.weightBits)(resumed)];
                                    case 3:
                                        _h = (_f = _g.apply(void 0, [_j.sent()])).toEqual;
                                        return [4 /*yield*/, (0, test_tools_ts_1.weightBits)(whole)];
                                    case 4:
                                        _h.apply(_f, [_j.sent()]);
                                        return [2 /*return*/];
                                }
                            });
                        };
                        _b = 0, _c = [1, 4, 5, 8];
                        _d.label = 3;
                    case 3:
                        if (!(_b < _c.length)) return [3 /*break*/, 6];
                        at = _c[_b];
                        return [5 /*yield**/, _loop_1(at)];
                    case 4:
                        _d.sent();
                        _d.label = 5;
                    case 5:
                        _b++;
                        return [3 /*break*/, 3];
                    case 6:
                        _i++;
                        return [3 /*break*/, 1];
                    case 7: return [2 /*return*/];
                }
            });
        }); });
        (0, vitest_1.it)('ends at once when it is done already', function () { return __awaiter(void 0, void 0, void 0, function () {
            var checkpoints, model, done, again;
            return __generator(this, function (_a) {
                switch (_a.label) {
                    case 0:
                        checkpoints = (0, test_tools_ts_1.memoryStore)();
                        model = (0, test_tools_ts_1.smallModel)();
                        return [4 /*yield*/, (0, fit_ts_1.fit)(model, (0, test_tools_ts_1.smallData)(), __assign(__assign({}, recipe), { checkpoints: checkpoints }))];
                    case 1:
                        done = _a.sent();
                        return [4 /*yield*/, (0, fit_ts_1.fit)((0, test_tools_ts_1.smallModel)(), (0, test_tools_ts_1.smallData)(), __assign(__assign({}, recipe), { checkpoints: checkpoints }))];
                    case 2:
                        again = _a.sent();
                        (0, vitest_1.expect)(again).toEqual(done);
                        return [2 /*return*/];
                }
            });
        }); });
        (0, vitest_1.it)('names the step at which the loss stops being a number, and saves nothing of it', function () { return __awaiter(void 0, void 0, void 0, function () {
            var checkpoints, broken, data, failure, _a, step, message, _i, _b, values;
            return __generator(this, function (_c) {
                switch (_c.label) {
                    case 0:
                        checkpoints = (0, test_tools_ts_1.memoryStore)();
                        broken = (0, test_tools_ts_1.examples)(48);
                        broken.images[40 * 36] = Number.POSITIVE_INFINITY;
                        data = (0, array_data_ts_1.arrayData)(__assign(__assign({}, broken), { batchSize: 8 }));
                        return [4 /*yield*/, (0, fit_ts_1.fit)((0, test_tools_ts_1.smallModel)(), data, __assign(__assign({}, recipe), { checkpoints: checkpoints, checkpointEvery: { steps: 1 } })).catch(function (error) {
                                failure = error;
                            })];
                    case 1:
                        _c.sent();
                        (0, vitest_1.expect)(failure).toBeInstanceOf(errors_ts_1.DivergedError);
                        _a = failure, step = _a.step, message = _a.message;
                        (0, vitest_1.expect)(message).toBe("trainer.fit: the loss must stay finite, and at step ".concat(step, " (epoch 1) it did not, got NaN"));
                        (0, vitest_1.expect)(checkpoints.states.at(-1).progress.step).toBe(step);
                        for (_i = 0, _b = checkpoints.states.at(-1).weights; _i < _b.length; _i++) {
                            values = _b[_i].values;
                            (0, vitest_1.expect)(__spreadArray([], values, true).every(Number.isFinite)).toBe(true);
                        }
                        return [2 /*return*/];
                }
            });
        }); });
        (0, vitest_1.it)('stops early once it no longer improves, and remembers the best', function () { return __awaiter(void 0, void 0, void 0, function () {
            var _a, events, onEvent, checkpoints, options, result;
            return __generator(this, function (_b) {
                switch (_b.label) {
                    case 0:
                        _a = (0, test_tools_ts_1.recorder)(), events = _a.events, onEvent = _a.onEvent;
                        checkpoints = (0, test_tools_ts_1.memoryStore)();
                        options = __assign(__assign({}, recipe), { epochs: 50, schedule: 0, monitor: 'validationLoss', checkpoints: checkpoints, onEvent: onEvent });
                        return [4 /*yield*/, (0, fit_ts_1.fit)((0, test_tools_ts_1.smallModel)({ dropout: 0 }), (0, test_tools_ts_1.smallData)(), __assign(__assign({}, options), { earlyStopping: { patience: 3, minDelta: 10 } }))];
                    case 1:
                        result = _b.sent();
                        (0, vitest_1.expect)(result).toMatchObject({ reason: 'early-stop', best: { epoch: 0 } });
                        (0, vitest_1.expect)(result.history.map(function (_a) {
                            var best = _a.best;
                            return best;
                        })).toEqual([true, false, false, false]);
                        (0, vitest_1.expect)((0, test_tools_ts_1.ofType)(events, 'end')[0].reason).toBe('early-stop');
                        (0, vitest_1.expect)((0, test_tools_ts_1.ofType)(events, 'checkpoint').map(function (_a) {
                            var best = _a.best;
                            return best;
                        })).toEqual([true, false, false, false]);
                        return [2 /*return*/];
                }
            });
        }); });
        (0, vitest_1.it)('learns from tensors, and from mixed images', function () { return __awaiter(void 0, void 0, void 0, function () {
            var disposed, tensors, before, count, _a, events, onEvent, mixed, model, data, log;
            return __generator(this, function (_b) {
                switch (_b.label) {
                    case 0:
                        disposed = 0;
                        tensors = {
                            train: function () { return ({
                                length: 2,
                                from: function (index) {
                                    return __asyncGenerator(this, arguments, function from_1() {
                                        var _loop_2, i;
                                        return __generator(this, function (_a) {
                                            switch (_a.label) {
                                                case 0:
                                                    _loop_2 = function (i) {
                                                        var images, labels, dispose;
                                                        return __generator(this, function (_b) {
                                                            switch (_b.label) {
                                                                case 0:
                                                                    images = tf.ones([3, 6, 6, 1]);
                                                                    labels = tf.eye(3);
                                                                    dispose = function () {
                                                                        disposed++;
                                                                        images.dispose();
                                                                        labels.dispose();
                                                                    };
                                                                    return [4 /*yield*/, __await({ images: images, labels: labels, dispose: dispose })];
                                                                case 1: return [4 /*yield*/, _b.sent()];
                                                                case 2:
                                                                    _b.sent();
                                                                    return [2 /*return*/];
                                                            }
                                                        });
                                                    };
                                                    i = index;
                                                    _a.label = 1;
                                                case 1:
                                                    if (!(i < 2)) return [3 /*break*/, 4];
                                                    return [5 /*yield**/, _loop_2(i)];
                                                case 2:
                                                    _a.sent();
                                                    _a.label = 3;
                                                case 3:
                                                    i++;
                                                    return [3 /*break*/, 1];
                                                case 4: return [2 /*return*/];
                                            }
                                        });
                                    });
                                },
                            }); },
                        };
                        before = (0, test_tools_ts_1.smallModel)();
                        count = tf.memory().numTensors;
                        return [4 /*yield*/, (0, fit_ts_1.fit)(before, tensors, { epochs: 2 })];
                    case 1:
                        _b.sent();
                        (0, vitest_1.expect)(tf.memory().numTensors).toBe(count);
                        (0, vitest_1.expect)(disposed).toBe(4);
                        _a = (0, test_tools_ts_1.recorder)(), events = _a.events, onEvent = _a.onEvent;
                        mixed = {
                            shape: [1, 6, 6, 1],
                            images: new Float32Array(36),
                            labels: [0],
                            partnerLabels: [2],
                            weights: [0.3],
                        };
                        model = tfl.sequential({
                            layers: [
                                tfl.layers.flatten({ inputShape: [6, 6, 1] }),
                                tfl.layers.dense({ units: 3, kernelInitializer: 'zeros', biasInitializer: tfl.initializers.zeros() }),
                            ],
                        });
                        model.layers[1].setWeights([tf.zeros([36, 3]), tf.tensor1d([0, 0, 2])]);
                        data = {
                            train: function () { return ({
                                length: 1,
                                from: function () {
                                    return __asyncGenerator(this, arguments, function () {
                                        return __generator(this, function (_a) {
                                            switch (_a.label) {
                                                case 0: return [4 /*yield*/, __await(mixed)];
                                                case 1: return [4 /*yield*/, _a.sent()];
                                                case 2:
                                                    _a.sent();
                                                    return [2 /*return*/];
                                            }
                                        });
                                    });
                                },
                            }); },
                        };
                        return [4 /*yield*/, (0, fit_ts_1.fit)(model, data, { epochs: 1, onEvent: onEvent })];
                    case 2:
                        _b.sent();
                        log = Math.log(2 + Math.exp(2));
                        (0, vitest_1.expect)((0, test_tools_ts_1.ofType)(events, 'step')[0]).toMatchObject({ accuracy: 1 });
                        (0, vitest_1.expect)((0, test_tools_ts_1.ofType)(events, 'step')[0].loss).toBeCloseTo(0.3 * log + 0.7 * (log - 2), 5);
                        return [2 /*return*/];
                }
            });
        }); });
    }, ['cpu']);
});
(0, vitest_1.describe)('bad input', function () {
    var model = (0, test_tools_ts_1.smallModel)();
    var data = (0, test_tools_ts_1.smallData)();
    var one = function (batch) { return ({
        train: function () { return ({
            length: 1,
            from: function () {
                return __asyncGenerator(this, arguments, function () {
                    return __generator(this, function (_a) {
                        switch (_a.label) {
                            case 0: return [4 /*yield*/, __await(batch)];
                            case 1: return [4 /*yield*/, _a.sent()];
                            case 2:
                                _a.sent();
                                return [2 /*return*/];
                        }
                    });
                });
            },
        }); },
    }); };
    var batch = { shape: [2, 6, 6, 1], images: new Float32Array(72), labels: [0, 1] };
    vitest_1.it.each([
        ['epochs', function () { return (0, fit_ts_1.fit)(model, data, { epochs: 0 }); }, 'epochs must be a whole number >= 1, got 0'],
        ['seed', function () { return (0, fit_ts_1.fit)(model, data, { epochs: 1, seed: -1 }); }, 'seed must be a whole number >= 0, got -1'],
        ['smoothing', function () { return (0, fit_ts_1.fit)(model, data, { epochs: 1, labelSmoothing: 1 }); }, 'labelSmoothing must be in [0, 1), got 1'],
        [
            'optimizer',
            function () { return (0, fit_ts_1.fit)(model, data, { epochs: 1, optimizer: { kind: 'lion' } }); },
            "optimizer.kind must be 'sgd' or 'adam', got 'lion'",
        ],
        [
            'decay',
            function () { return (0, fit_ts_1.fit)(model, data, { epochs: 1, optimizer: { kind: 'sgd', decay: { kind: 'l2', rate: -1 } } }); },
            'optimizer.decay.rate must be a finite number >= 0, got -1',
        ],
        [
            'monitor',
            function () { return (0, fit_ts_1.fit)(model, { train: data.train }, { epochs: 1, monitor: 'validationLoss' }); },
            'data.validation must be given to monitor validationLoss, got undefined',
        ],
        [
            'patience',
            function () { return (0, fit_ts_1.fit)(model, data, { epochs: 1, earlyStopping: { patience: 0 } }); },
            'earlyStopping.patience must be a whole number >= 1, got 0',
        ],
        [
            'no batch',
            function () { return (0, fit_ts_1.fit)(model, { train: function () { return ({ length: 0, from: function () { return __asyncGenerator(this, arguments, function () { return __generator(this, function (_a) {
                        return [2 /*return*/];
                    }); }); } }); } }, { epochs: 1 }); },
            'an epoch must have a batch; is the batch larger than the data?, got 0',
        ],
        [
            'too few batches',
            function () { return (0, fit_ts_1.fit)(model, { train: function () { return ({ length: 2, from: function () { return __asyncGenerator(this, arguments, function () { return __generator(this, function (_a) {
                        return [2 /*return*/];
                    }); }); } }); } }, { epochs: 1 }); },
            'an epoch must give its 2 batches, got 0',
        ],
        [
            'label',
            function () { return (0, fit_ts_1.fit)(model, one(__assign(__assign({}, batch), { labels: [0, 3] })), { epochs: 1 }); },
            'labels must be whole numbers in [0, 3), got 3',
        ],
        ['label count', function () { return (0, fit_ts_1.fit)(model, one(__assign(__assign({}, batch), { labels: [0] })), { epochs: 1 }); }, 'there must be 2 labels, got 1'],
        [
            'shape',
            function () { return (0, fit_ts_1.fit)(model, one(__assign(__assign({}, batch), { shape: [2, 5, 6, 1] })), { epochs: 1 }); },
            'images must have the shape (size, 6, 6, 1) that the model takes, got [2, 5, 6, 1]',
        ],
        ['model', function () { return (0, fit_ts_1.fit)({}, data, { epochs: 1 }); }, 'model must be a tf.LayersModel, got {}'],
        [
            'steps',
            function () { return (0, fit_ts_1.fit)(model, data, { epochs: 1, checkpointEvery: { steps: 0.5 } }); },
            'checkpointEvery.steps must be a whole number >= 1, got 0.5',
        ],
    ])('names a wrong %s', function (_, action, message) { return __awaiter(void 0, void 0, void 0, function () {
        return __generator(this, function (_a) {
            switch (_a.label) {
                case 0: return [4 /*yield*/, (0, test_kit_1.expectNamedError)(action, errors_ts_1.TrainerError, "trainer.fit: ".concat(message))];
                case 1:
                    _a.sent();
                    return [2 /*return*/];
            }
        });
    }); });
    (0, vitest_1.it)('names what is wrong with arrays', function () { return __awaiter(void 0, void 0, void 0, function () {
        var wrong;
        return __generator(this, function (_a) {
            switch (_a.label) {
                case 0:
                    wrong = function (options, message) {
                        return (0, test_kit_1.expectNamedError)(function () { return (0, array_data_ts_1.arrayData)(__assign(__assign({}, (0, test_tools_ts_1.examples)(4)), options)); }, errors_ts_1.TrainerError, "trainer.arrayData: ".concat(message));
                    };
                    return [4 /*yield*/, wrong({ batchSize: 5 }, 'batchSize must not exceed the 4 examples to learn from, got 5')];
                case 1:
                    _a.sent();
                    return [4 /*yield*/, wrong({ batchSize: 0 }, 'batchSize must be a whole number >= 1, got 0')];
                case 2:
                    _a.sent();
                    return [4 /*yield*/, wrong({ images: new Float32Array(9) }, "images must hold 4 examples of shape [6, 6, 1], got '9 values'")];
                case 3:
                    _a.sent();
                    return [4 /*yield*/, wrong({ validationSplit: 1 }, 'validationSplit must be in [0, 1), got 1')];
                case 4:
                    _a.sent();
                    return [2 /*return*/];
            }
        });
    }); });
});
