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
exports.startingProgress = startingProgress;
exports.emptySums = emptySums;
exports.readWeights = readWeights;
exports.restoreWeights = restoreWeights;
exports.checkConfiguration = checkConfiguration;
exports.firstDifference = firstDifference;
exports.captureState = captureState;
var tfjs_core_1 = require("@tensorflow/tfjs-core");
var errors_ts_1 = require("./errors.ts");
function startingProgress() {
    return { step: 0, epoch: 0, batch: 0, sums: emptySums(), history: [], best: null };
}
function emptySums() {
    return { loss: 0, correct: 0, images: 0, seconds: 0 };
}
/** Copies every weight of a model. */
function readWeights(model) {
    return __awaiter(this, void 0, void 0, function () {
        var _this = this;
        return __generator(this, function (_a) {
            switch (_a.label) {
                case 0: return [4 /*yield*/, Promise.all(model.weights.map(function (weight) { return __awaiter(_this, void 0, void 0, function () {
                        var value, values;
                        return __generator(this, function (_a) {
                            switch (_a.label) {
                                case 0:
                                    value = weight.read();
                                    return [4 /*yield*/, value.data()];
                                case 1:
                                    values = (_a.sent()).slice();
                                    return [2 /*return*/, { name: weight.originalName, shape: value.shape, dtype: value.dtype, values: values }];
                            }
                        });
                    }); }))];
                case 1: return [2 /*return*/, _a.sent()];
            }
        });
    });
}
/** Gives a model the weights of a state. Those of a model of another shape are refused before any is written. */
function restoreWeights(model, _a, where) {
    var weights = _a.weights;
    var own = model.weights.map(function (weight) { return weight.read(); });
    var shapes = function (list) {
        return list.map(function (_a) {
            var shape = _a.shape, dtype = _a.dtype;
            return "".concat(dtype, " [").concat(shape.join(', '), "]");
        });
    };
    var _b = [shapes(own), shapes(weights)], wanted = _b[0], found = _b[1];
    var at = wanted.length === found.length ? wanted.findIndex(function (shape, i) { return shape !== found[i]; }) : wanted.length;
    if (wanted.length !== found.length) {
        throw new errors_ts_1.CheckpointError('restoreWeights', "".concat(where, " must hold the model's ").concat(wanted.length, " weights"), found.length);
    }
    if (at >= 0) {
        var rule = "weight ".concat(at, " (").concat(model.weights[at].originalName, ") in ").concat(where, " must be ").concat(wanted[at]);
        throw new errors_ts_1.CheckpointError('restoreWeights', rule, found[at]);
    }
    var _loop_1 = function (i, variable) {
        var _e = weights[i], values = _e.values, shape = _e.shape, dtype = _e.dtype;
        (0, tfjs_core_1.tidy)(function () { return variable.assign((0, tfjs_core_1.tensor)(values, shape, dtype)); });
    };
    for (var _i = 0, _c = own.entries(); _i < _c.length; _i++) {
        var _d = _c[_i], i = _d[0], variable = _d[1];
        _loop_1(i, variable);
    }
}
/** Refuses a state whose training was another one, and says in what. */
function checkConfiguration(configuration, _a) {
    var state = _a.state, where = _a.where;
    var difference = firstDifference(configuration, state.configuration);
    if (!difference)
        return;
    var path = difference.path, wanted = difference.wanted, found = difference.found;
    throw new errors_ts_1.CheckpointError('fit', "".concat(path, " of ").concat(where, " must be ").concat(JSON.stringify(wanted), ", as in this training"), found);
}
/** The first place in which two pieces of JSON are not alike. */
function firstDifference(wanted, found, path) {
    if (path === void 0) { path = ''; }
    var isTree = function (value) { return typeof value === 'object' && value !== null; };
    if (!isTree(wanted) || !isTree(found))
        return Object.is(wanted, found) ? undefined : { path: path, wanted: wanted, found: found };
    for (var _i = 0, _a = new Set(__spreadArray(__spreadArray([], Object.keys(wanted), true), Object.keys(found), true)); _i < _a.length; _i++) {
        var key = _a[_i];
        var difference = firstDifference(wanted[key], found[key], path ? "".concat(path, ".").concat(key) : key);
        if (difference)
            return difference;
    }
    return undefined;
}
function captureState(configuration, progress, model, optimizer) {
    return __awaiter(this, void 0, void 0, function () {
        var _a, weights, slots;
        return __generator(this, function (_b) {
            switch (_b.label) {
                case 0: return [4 /*yield*/, Promise.all([readWeights(model), optimizer.exportState()])];
                case 1:
                    _a = _b.sent(), weights = _a[0], slots = _a[1];
                    return [2 /*return*/, { configuration: configuration, progress: structuredClone(progress), weights: weights, optimizer: slots }];
            }
        });
    });
}
