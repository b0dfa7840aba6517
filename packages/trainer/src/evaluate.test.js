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
Object.defineProperty(exports, "__esModule", { value: true });
var test_kit_1 = require("@stridelab/test-kit");
var tf = require("@tensorflow/tfjs-core");
var tfl = require("@tensorflow/tfjs-layers");
var vitest_1 = require("vitest");
var errors_ts_1 = require("./errors.ts");
var evaluate_ts_1 = require("./evaluate.ts");
/** Sees one number, and says class 0 below 0, class 2 above 1, else class 1. */
function thresholds(activation) {
    var model = tfl.sequential({ layers: [tfl.layers.dense({ units: 3, inputShape: [1], activation: activation })] });
    model.layers[0].setWeights([tf.tensor2d([[-10, 0, 10]]), tf.tensor1d([0, 0, -10])]);
    return model;
}
var values = [-1, -2, 0.5, 0.4, 2, -3, 9];
var labels = [0, 0, 1, 1, 2, 2, 0];
var data = {
    length: 3,
    from: function (index) {
        return __asyncGenerator(this, arguments, function from_1() {
            var i, images;
            return __generator(this, function (_a) {
                switch (_a.label) {
                    case 0:
                        i = index;
                        _a.label = 1;
                    case 1:
                        if (!(i < 3)) return [3 /*break*/, 5];
                        images = Float32Array.from(values.slice(3 * i, 3 * i + 3));
                        return [4 /*yield*/, __await({ images: images, shape: [images.length, 1], labels: labels.slice(3 * i, 3 * i + 3) })];
                    case 2: return [4 /*yield*/, _a.sent()];
                    case 3:
                        _a.sent();
                        _a.label = 4;
                    case 4:
                        i++;
                        return [3 /*break*/, 1];
                    case 5: return [2 /*return*/];
                }
            });
        });
    },
};
(0, test_kit_1.forEachBackend)(function () {
    (0, vitest_1.it)('counts what is recognized as what, over batches of unequal sizes', function () { return __awaiter(void 0, void 0, void 0, function () {
        var model, before, result;
        return __generator(this, function (_a) {
            switch (_a.label) {
                case 0:
                    model = thresholds();
                    before = tf.memory().numTensors;
                    return [4 /*yield*/, (0, evaluate_ts_1.evaluate)(model, data, { samples: 2 })];
                case 1:
                    result = _a.sent();
                    (0, vitest_1.expect)(result).toMatchObject({ count: 7, accuracy: 5 / 7 });
                    (0, vitest_1.expect)(result.confusion).toEqual([
                        [2, 0, 1],
                        [0, 2, 0],
                        [1, 0, 1],
                    ]);
                    (0, vitest_1.expect)(result.samples.map(function (_a) {
                        var index = _a.index, label = _a.label, predicted = _a.predicted;
                        return [index, label, predicted];
                    })).toEqual([
                        [0, 0, 0],
                        [1, 0, 0],
                    ]);
                    (0, vitest_1.expect)(result.mistakes.map(function (_a) {
                        var index = _a.index, value = _a.values[0];
                        return [index, value];
                    })).toEqual([
                        [5, -3],
                        [6, 9],
                    ]);
                    (0, vitest_1.expect)(tf.memory().numTensors).toBe(before);
                    return [2 /*return*/];
            }
        });
    }); });
});
(0, vitest_1.describe)('the loss', function () {
    (0, test_kit_1.forEachBackend)(function () {
        (0, vitest_1.it)('is the mean cross-entropy, of logits and of probabilities alike', function () { return __awaiter(void 0, void 0, void 0, function () {
            var logits, losses, mean, _a, clipped, _b;
            return __generator(this, function (_c) {
                switch (_c.label) {
                    case 0:
                        logits = values.map(function (x) { return [-10 * x, 0, 10 * x - 10]; });
                        losses = logits.map(function (row, i) { return Math.log(row.reduce(function (sum, z) { return sum + Math.exp(z); }, 0)) - row[labels[i]]; });
                        mean = losses.reduce(function (sum, loss) { return sum + loss; }, 0) / 7;
                        _a = vitest_1.expect;
                        return [4 /*yield*/, (0, evaluate_ts_1.evaluate)(thresholds(), data)];
                    case 1:
                        _a.apply(void 0, [(_c.sent()).loss / mean]).toBeCloseTo(1, 5);
                        clipped = losses.reduce(function (sum, loss) { return sum + Math.min(loss, -Math.log(1e-7)); }, 0) / 7;
                        _b = vitest_1.expect;
                        return [4 /*yield*/, (0, evaluate_ts_1.evaluate)(thresholds('softmax'), data)];
                    case 2:
                        _b.apply(void 0, [(_c.sent()).loss / clipped]).toBeCloseTo(1, 4);
                        return [2 /*return*/];
                }
            });
        }); });
        (0, vitest_1.it)('can be called off, and names what it cannot evaluate', function () { return __awaiter(void 0, void 0, void 0, function () {
            var empty, message;
            return __generator(this, function (_a) {
                switch (_a.label) {
                    case 0: return [4 /*yield*/, (0, vitest_1.expect)((0, evaluate_ts_1.evaluate)(thresholds(), data, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/)];
                    case 1:
                        _a.sent();
                        empty = { length: 0, from: data.from };
                        message = 'trainer.evaluate: there must be a batch to evaluate, got 0';
                        return [4 /*yield*/, (0, test_kit_1.expectNamedError)(function () { return (0, evaluate_ts_1.evaluate)(thresholds(), empty); }, errors_ts_1.TrainerError, message)];
                    case 2:
                        _a.sent();
                        return [2 /*return*/];
                }
            });
        }); });
    }, ['cpu']);
});
