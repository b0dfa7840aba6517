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
var test_kit_1 = require("@stridelab/test-kit");
var tfl = require("@tensorflow/tfjs-layers");
var vitest_1 = require("vitest");
var fit_ts_1 = require("./fit.ts");
var strides_ts_1 = require("./strides.ts");
var test_tools_ts_1 = require("./test-tools.ts");
(0, test_kit_1.forEachBackend)(function () {
    var model = function () {
        var inner = tfl.sequential({ layers: [new test_tools_ts_1.ToyStride({ name: 'inner', inputShape: [6, 6, 1] })] });
        return tfl.sequential({
            layers: [
                inner,
                tfl.layers.maxPooling2d({ poolSize: 1, strides: [3, 1], name: 'fixed' }),
                tfl.layers.maxPooling2d({ poolSize: 1, strides: 1 }),
                tfl.layers.flatten(),
                tfl.layers.dense({ units: 3, kernelInitializer: tfl.initializers.glorotUniform({ seed: 1 }) }),
            ],
        });
    };
    (0, vitest_1.it)('reads strides, learned and fixed, within models too, and the maps that follow', function () { return __awaiter(void 0, void 0, void 0, function () {
        var _a, _b;
        return __generator(this, function (_c) {
            switch (_c.label) {
                case 0:
                    _a = vitest_1.expect;
                    return [4 /*yield*/, (0, strides_ts_1.readStrides)(model(), [6, 6, 1])];
                case 1:
                    _a.apply(void 0, [_c.sent()]).toEqual([
                        { layer: 'inner', strides: [2, 2], learned: true, from: [6, 6], to: [3, 3] },
                        { layer: 'fixed', strides: [3, 1], learned: false, from: [3, 3], to: [1, 3] },
                    ]);
                    _b = vitest_1.expect;
                    return [4 /*yield*/, (0, strides_ts_1.readStrides)(model(), [null, 6, 1])];
                case 2:
                    _b.apply(void 0, [(_c.sent())[0]]).toMatchObject({ from: [], to: [] });
                    return [2 /*return*/];
            }
        });
    }); });
    (0, vitest_1.it)('follows them through a training', function () { return __awaiter(void 0, void 0, void 0, function () {
        var _a, events, onEvent, options, epochs;
        return __generator(this, function (_b) {
            switch (_b.label) {
                case 0:
                    _a = (0, test_tools_ts_1.recorder)(), events = _a.events, onEvent = _a.onEvent;
                    options = { epochs: 2, schedule: 0.5, onEvent: onEvent, multiplyAdds: function () { return 7; } };
                    return [4 /*yield*/, (0, fit_ts_1.fit)(model(), (0, test_tools_ts_1.smallData)(), options)];
                case 1:
                    _b.sent();
                    epochs = (0, test_tools_ts_1.ofType)(events, 'epoch');
                    (0, vitest_1.expect)(epochs[1].strides[0].strides).not.toEqual([2, 2]);
                    (0, vitest_1.expect)(epochs[1]).toMatchObject({ multiplyAdds: 7, strides: [{ to: [3, 3] }, { to: [1, 3] }] });
                    return [2 /*return*/];
            }
        });
    }); });
}, ['cpu']);
