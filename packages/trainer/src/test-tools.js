"use strict";
var __extends = (this && this.__extends) || (function () {
    var extendStatics = function (d, b) {
        extendStatics = Object.setPrototypeOf ||
            ({ __proto__: [] } instanceof Array && function (d, b) { d.__proto__ = b; }) ||
            function (d, b) { for (var p in b) if (Object.prototype.hasOwnProperty.call(b, p)) d[p] = b[p]; };
        return extendStatics(d, b);
    };
    return function (d, b) {
        if (typeof b !== "function" && b !== null)
            throw new TypeError("Class extends value " + String(b) + " is not a constructor or null");
        extendStatics(d, b);
        function __() { this.constructor = d; }
        d.prototype = b === null ? Object.create(b) : (__.prototype = b.prototype, new __());
    };
})();
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
exports.ToyStride = void 0;
exports.smallModel = smallModel;
exports.examples = examples;
exports.smallData = smallData;
exports.memoryStore = memoryStore;
exports.recorder = recorder;
exports.ofType = ofType;
exports.weightBits = weightBits;
// What this package's tests share: a small network with all that a state must hold, and data that it can learn.
var test_kit_1 = require("@stridelab/test-kit");
var tf = require("@tensorflow/tfjs-core");
var tfl = require("@tensorflow/tfjs-layers");
var array_data_ts_1 = require("./array-data.ts");
var SIDE = 6;
/** Batch norm, dropout and a regularized kernel: (size, 6, 6, 1) to (size, 3). Not convolutions, which wasm cannot train. */
function smallModel(_a) {
    var _b = _a === void 0 ? {} : _a, _c = _b.activation, activation = _c === void 0 ? undefined : _c, _d = _b.dropout, dropout = _d === void 0 ? 0.2 : _d, _e = _b.units, units = _e === void 0 ? 8 : _e;
    var glorotUniform = tfl.initializers.glorotUniform;
    return tfl.sequential({
        layers: __spreadArray(__spreadArray([
            tfl.layers.flatten({ inputShape: [SIDE, SIDE, 1] }),
            tfl.layers.dense({ units: units, kernelInitializer: glorotUniform({ seed: 3 }) }),
            tfl.layers.batchNormalization({ momentum: 0.9 }),
            tfl.layers.activation({ activation: 'relu' })
        ], (dropout > 0 ? [tfl.layers.dropout({ rate: dropout })] : []), true), [
            tfl.layers.dense({ units: 3, kernelInitializer: glorotUniform({ seed: 4 }), activation: activation }),
        ], false),
    });
}
/** Examples whose class shows in which rows are bright, under noise. */
function examples(count, seed) {
    if (seed === void 0) { seed = 1; }
    var noise = (0, test_kit_1.randomValues)(count * SIDE * SIDE, seed);
    var labels = Array.from({ length: count }, function (_, i) { return i % 3; });
    var images = Float32Array.from(noise, function (value, at) {
        var example = Math.floor(at / (SIDE * SIDE));
        var row = Math.floor(at / SIDE) % SIDE;
        return value + (row % 3 === labels[example] ? 1 : 0);
    });
    return { images: images, labels: labels, shape: [SIDE, SIDE, 1] };
}
function smallData(count, batchSize) {
    if (count === void 0) { count = 48; }
    if (batchSize === void 0) { batchSize = 8; }
    return (0, array_data_ts_1.arrayData)(__assign(__assign({}, examples(count)), { batchSize: batchSize, seed: 5, validationSplit: 0.25 }));
}
/** States in memory. */
function memoryStore() {
    return {
        states: [],
        best: undefined,
        load: function () {
            return __awaiter(this, void 0, void 0, function () {
                var state;
                return __generator(this, function (_a) {
                    state = this.states.at(-1);
                    return [2 /*return*/, state && { state: structuredClone(state), where: "memory ".concat(this.states.length - 1) }];
                });
            });
        },
        save: function (state, best) {
            return __awaiter(this, void 0, void 0, function () {
                return __generator(this, function (_a) {
                    this.states.push(structuredClone(state));
                    if (best)
                        this.best = state;
                    return [2 /*return*/, "memory ".concat(this.states.length - 1)];
                });
            });
        },
    };
}
function recorder() {
    var events = [];
    return { events: events, onEvent: function (event) { return void events.push(event); } };
}
function ofType(events, type) {
    return events.filter(function (event) { return event.type === type; });
}
/** Every weight's bits. */
function weightBits(model) {
    return __awaiter(this, void 0, void 0, function () {
        var values;
        return __generator(this, function (_a) {
            switch (_a.label) {
                case 0: return [4 /*yield*/, Promise.all(model.getWeights().map(function (weight) { return weight.data(); }))];
                case 1:
                    values = _a.sent();
                    return [2 /*return*/, values.map(function (list) { return __spreadArray([], new Uint32Array(Float32Array.from(list).buffer), true); })];
            }
        });
    });
}
/** A layer that learns its stride the way DiffStride does, as far as a trainer can see: every stride-th row by weight. */
var ToyStride = /** @class */ (function (_super) {
    __extends(ToyStride, _super);
    function ToyStride() {
        return _super !== null && _super.apply(this, arguments) || this;
    }
    ToyStride.prototype.build = function () {
        this.stride = this.addWeight('strides', [2], 'float32', tfl.initializers.constant({ value: 2 }));
        this.built = true;
    };
    ToyStride.prototype.readStrides = function () {
        return __awaiter(this, void 0, void 0, function () {
            var _a;
            return __generator(this, function (_b) {
                switch (_b.label) {
                    case 0:
                        _a = [[]];
                        return [4 /*yield*/, this.stride.read().data()];
                    case 1: return [2 /*return*/, __spreadArray.apply(void 0, _a.concat([(_b.sent()), true]))];
                }
            });
        });
    };
    ToyStride.prototype.call = function (inputs) {
        var _this = this;
        var x = (Array.isArray(inputs) ? inputs[0] : inputs);
        return tf.tidy(function () { return tf.mul(tf.avgPool(x, 2, 2, 'valid'), tf.mean(_this.stride.read())); });
    };
    ToyStride.prototype.computeOutputShape = function (shape) {
        var _a = shape, size = _a[0], height = _a[1], width = _a[2], channels = _a[3];
        return [size, height / 2, width / 2, channels];
    };
    ToyStride.className = 'ToyStride';
    return ToyStride;
}(tfl.layers.Layer));
exports.ToyStride = ToyStride;
