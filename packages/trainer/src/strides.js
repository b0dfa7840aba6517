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
exports.readStrides = readStrides;
exports.downsamplingLayers = downsamplingLayers;
exports.learns = learns;
exports.inputShapes = inputShapes;
exports.channelsFirst = channelsFirst;
// What downsamples in a model, by how much at this moment, and the maps that follow.
var tfjs_core_1 = require("@tensorflow/tfjs-core");
var network_ts_1 = require("./network.ts");
/** One entry for each layer that downsamples. Without `example`, the shape of an image, there are no map sizes. */
function readStrides(model, example) {
    return __awaiter(this, void 0, void 0, function () {
        var found, sizes;
        var _this = this;
        return __generator(this, function (_a) {
            switch (_a.label) {
                case 0:
                    found = downsamplingLayers(model);
                    sizes = example.every(function (side) { return side !== null; }) ? mapSizes(model, found, example) : undefined;
                    return [4 /*yield*/, Promise.all(found.map(function (layer) { return __awaiter(_this, void 0, void 0, function () {
                            var _a;
                            var _b;
                            var _c, _d, _e, _f;
                            return __generator(this, function (_g) {
                                switch (_g.label) {
                                    case 0:
                                        _b = {
                                            layer: layer.name
                                        };
                                        if (!learns(layer)) return [3 /*break*/, 2];
                                        return [4 /*yield*/, layer.readStrides()];
                                    case 1:
                                        _a = _g.sent();
                                        return [3 /*break*/, 3];
                                    case 2:
                                        _a = fixedStrides(layer);
                                        _g.label = 3;
                                    case 3: return [2 /*return*/, (_b.strides = _a,
                                            _b.learned = learns(layer) && layer.trainable,
                                            _b.from = (_d = (_c = sizes === null || sizes === void 0 ? void 0 : sizes.get(layer)) === null || _c === void 0 ? void 0 : _c.from) !== null && _d !== void 0 ? _d : [],
                                            _b.to = (_f = (_e = sizes === null || sizes === void 0 ? void 0 : sizes.get(layer)) === null || _e === void 0 ? void 0 : _e.to) !== null && _f !== void 0 ? _f : [],
                                            _b)];
                                }
                            });
                        }); }))];
                case 1: return [2 /*return*/, _a.sent()];
            }
        });
    });
}
function downsamplingLayers(model) {
    var all = __spreadArray([], new Set((0, network_ts_1.layersOf)(model)), true);
    return all.filter(function (layer) { var _a; return learns(layer) || ((_a = fixedStrides(layer)) === null || _a === void 0 ? void 0 : _a.some(function (stride) { return stride > 1; })); });
}
function learns(layer) {
    return typeof layer.readStrides === 'function';
}
function fixedStrides(layer) {
    var strides = layer.strides;
    var list = typeof strides === 'number' ? [strides] : strides;
    return Array.isArray(list) && list.every(function (stride) { return typeof stride === 'number'; }) ? list : undefined;
}
/** Sends one empty image through the model and notes what reaches the layers. A layer used twice counts the first time. */
function mapSizes(model, watched, example) {
    var sizes = new Map();
    var _loop_1 = function (layer) {
        var call = layer.call;
        layer.call = function (inputs, kwargs) {
            var output = call.call(this, inputs, kwargs);
            var _a = [inputs, output].map(function (tensors) { return (Array.isArray(tensors) ? tensors[0] : tensors); }), x = _a[0], y = _a[1];
            if (!sizes.has(layer))
                sizes.set(layer, { from: sides(layer, x), to: sides(layer, y), input: x.shape });
            return output;
        };
    };
    for (var _i = 0, watched_1 = watched; _i < watched_1.length; _i++) {
        var layer = watched_1[_i];
        _loop_1(layer);
    }
    try {
        (0, tfjs_core_1.tidy)(function () { return void model.apply((0, tfjs_core_1.zeros)(__spreadArray([1], example, true))); });
    }
    finally {
        for (var _a = 0, watched_2 = watched; _a < watched_2.length; _a++) {
            var layer = watched_2[_a];
            delete layer.call;
        }
    }
    return sizes;
}
/** A layer's input when one empty image passes the model. */
function inputShapes(model, watched, example) {
    return new Map(__spreadArray([], mapSizes(model, watched, example), true).map(function (_a) {
        var layer = _a[0], input = _a[1].input;
        return [layer, input];
    }));
}
function sides(layer, _a) {
    var shape = _a.shape;
    return channelsFirst(layer) ? shape.slice(2) : shape.slice(1, -1);
}
function channelsFirst(layer) {
    return layer.dataFormat === 'channelsFirst';
}
