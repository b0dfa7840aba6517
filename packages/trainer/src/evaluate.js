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
exports.evaluate = evaluate;
exports.evaluateNetwork = evaluateNetwork;
var train_ops_1 = require("@stridelab/train-ops");
var tfjs_core_1 = require("@tensorflow/tfjs-core");
var data_ts_1 = require("./data.ts");
var errors_ts_1 = require("./errors.ts");
var network_ts_1 = require("./network.ts");
var next_task_ts_1 = require("./next-task.ts");
/** How well a model recognizes data that it does not learn from. */
function evaluate(model, data, options) {
    if (options === void 0) { options = {}; }
    return evaluateNetwork('evaluate', (0, network_ts_1.networkOf)('evaluate', model), data, options);
}
function evaluateNetwork(operation_1, network_1, data_1) {
    return __awaiter(this, arguments, void 0, function (operation, network, data, _a) {
        var classes, confusion, result, correct, _loop_1, _b, _c, _d, e_1_1;
        var _e, e_1, _f, _g;
        var _h = _a === void 0 ? {} : _a, _j = _h.samples, wanted = _j === void 0 ? 0 : _j, signal = _h.signal;
        return __generator(this, function (_k) {
            switch (_k.label) {
                case 0:
                    if (data.length < 1)
                        throw new errors_ts_1.TrainerError(operation, 'there must be a batch to evaluate', data.length);
                    classes = network.classes;
                    confusion = Array.from({ length: classes }, function () { return new Array(classes).fill(0); });
                    result = { count: 0, loss: 0, accuracy: 0, confusion: confusion, samples: [], mistakes: [] };
                    correct = 0;
                    _k.label = 1;
                case 1:
                    _k.trys.push([1, 7, 8, 13]);
                    _loop_1 = function () {
                        var given, batch, size, images, targets, results, _l, loss, probabilities_1, labels_1, predicted_1, values_1, example_1, samples, i, _i, results_1, tensor;
                        return __generator(this, function (_m) {
                            switch (_m.label) {
                                case 0:
                                    _g = _d.value;
                                    _b = false;
                                    given = _g;
                                    batch = (0, data_ts_1.toDevice)(operation, given, network.example, classes);
                                    size = batch.size, images = batch.images, targets = batch.targets;
                                    results = (0, tfjs_core_1.tidy)(function () {
                                        var logits = network.logits(images, false);
                                        return [(0, train_ops_1.softmaxCrossEntropy)(targets, logits, { reduction: 'sum' }), (0, tfjs_core_1.softmax)(logits)];
                                    });
                                    _m.label = 1;
                                case 1:
                                    _m.trys.push([1, , 5, 6]);
                                    return [4 /*yield*/, Promise.all([results[0].data(), results[1].data(), batch.classes])];
                                case 2:
                                    _l = _m.sent(), loss = _l[0][0], probabilities_1 = _l[1], labels_1 = _l[2];
                                    predicted_1 = (0, data_ts_1.largest)(probabilities_1, classes);
                                    if (!(wanted > 0)) return [3 /*break*/, 4];
                                    return [4 /*yield*/, images.data()];
                                case 3:
                                    values_1 = _m.sent();
                                    example_1 = values_1.length / size;
                                    samples = Array.from(predicted_1, function (_, i) { return ({
                                        index: result.count + i,
                                        label: labels_1[i],
                                        predicted: predicted_1[i],
                                        probability: probabilities_1[i * classes + predicted_1[i]],
                                        shape: images.shape.slice(1),
                                        values: values_1.subarray(i * example_1, (i + 1) * example_1),
                                    }); });
                                    collect(result, samples, wanted);
                                    _m.label = 4;
                                case 4:
                                    for (i = 0; i < size; i++) {
                                        confusion[labels_1[i]][predicted_1[i]]++;
                                        if (labels_1[i] === predicted_1[i])
                                            correct++;
                                    }
                                    result.loss += loss;
                                    result.count += size;
                                    return [3 /*break*/, 6];
                                case 5:
                                    for (_i = 0, results_1 = results; _i < results_1.length; _i++) {
                                        tensor = results_1[_i];
                                        tensor.dispose();
                                    }
                                    batch.dispose();
                                    return [7 /*endfinally*/];
                                case 6: return [4 /*yield*/, (0, next_task_ts_1.nextTask)()];
                                case 7:
                                    _m.sent();
                                    signal === null || signal === void 0 ? void 0 : signal.throwIfAborted();
                                    return [2 /*return*/];
                            }
                        });
                    };
                    _b = true, _c = __asyncValues(data.from(0));
                    _k.label = 2;
                case 2: return [4 /*yield*/, _c.next()];
                case 3:
                    if (!(_d = _k.sent(), _e = _d.done, !_e)) return [3 /*break*/, 6];
                    return [5 /*yield**/, _loop_1()];
                case 4:
                    _k.sent();
                    _k.label = 5;
                case 5:
                    _b = true;
                    return [3 /*break*/, 2];
                case 6: return [3 /*break*/, 13];
                case 7:
                    e_1_1 = _k.sent();
                    e_1 = { error: e_1_1 };
                    return [3 /*break*/, 13];
                case 8:
                    _k.trys.push([8, , 11, 12]);
                    if (!(!_b && !_e && (_f = _c.return))) return [3 /*break*/, 10];
                    return [4 /*yield*/, _f.call(_c)];
                case 9:
                    _k.sent();
                    _k.label = 10;
                case 10: return [3 /*break*/, 12];
                case 11:
                    if (e_1) throw e_1.error;
                    return [7 /*endfinally*/];
                case 12: return [7 /*endfinally*/];
                case 13: return [2 /*return*/, __assign(__assign({}, result), { loss: result.loss / result.count, accuracy: correct / result.count })];
            }
        });
    });
}
/** Adds to the samples while there is room, and to the mistakes what is surer than those there. */
function collect(_a, batch, wanted) {
    var samples = _a.samples, mistakes = _a.mistakes;
    var own = function (sample) { return (__assign(__assign({}, sample), { values: sample.values.slice() })); };
    samples.push.apply(samples, batch.slice(0, Math.max(wanted - samples.length, 0)).map(own));
    var wrong = __spreadArray(__spreadArray([], mistakes, true), batch.filter(function (_a) {
        var label = _a.label, predicted = _a.predicted;
        return label !== predicted;
    }), true);
    wrong.sort(function (a, b) { return b.probability - a.probability || a.index - b.index; });
    mistakes.splice.apply(mistakes, __spreadArray([0, mistakes.length], wrong.slice(0, wanted).map(own), false));
}
