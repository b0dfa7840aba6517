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
var vitest_1 = require("vitest");
var errors_ts_1 = require("./errors.ts");
var presets_ts_1 = require("./presets.ts");
var schedules_ts_1 = require("./schedules.ts");
var at = function (schedule, steps, total) {
    if (total === void 0) { total = 100; }
    return steps.map(function (step) { return (0, schedules_ts_1.learningRateAt)(schedule, step, total); });
};
(0, vitest_1.describe)('schedules', function () {
    (0, vitest_1.it)('constant', function () { return (0, vitest_1.expect)(at((0, schedules_ts_1.constant)(0.3), [0, 50, 100])).toEqual([0.3, 0.3, 0.3]); });
    (0, vitest_1.it)('piecewise changes at its boundaries', function () {
        (0, vitest_1.expect)(at((0, schedules_ts_1.piecewise)([1, 2, 3], [10, 20]), [0, 9, 10, 19, 20, 99])).toEqual([1, 1, 2, 2, 3, 3]);
    });
    (0, vitest_1.it)('the published recipe: 0.01 / 0.1 / 0.01 / 0.001 at 400 / 18,000 / 32,000', function () {
        var schedule = presets_ts_1.PRESETS.published.training.schedule;
        var steps = [0, 399, 400, 17999, 18000, 31999, 32000, 47999];
        (0, vitest_1.expect)(at(schedule, steps, 48000)).toEqual([0.01, 0.01, 0.1, 0.1, 0.01, 0.01, 0.001, 0.001]);
    });
    (0, vitest_1.it)('cosine falls from its rate to its end', function () {
        var rates = at((0, schedules_ts_1.cosine)(1, { final: 0.2 }), [0, 50, 100, 150]);
        for (var _i = 0, _a = [1, 0.6, 0.2, 0.2].entries(); _i < _a.length; _i++) {
            var _b = _a[_i], i = _b[0], expected = _b[1];
            (0, vitest_1.expect)(rates[i]).toBeCloseTo(expected, 12);
        }
        (0, vitest_1.expect)(at((0, schedules_ts_1.cosine)(1, { steps: 10 }), [5])[0]).toBeCloseTo(0.5, 12);
    });
    (0, vitest_1.it)('warm-up rises to the first rate of what follows, which counts from there', function () {
        var schedule = (0, schedules_ts_1.warmUp)(4, (0, schedules_ts_1.piecewise)([1, 0.5], [10]));
        (0, vitest_1.expect)(at(schedule, [0, 1, 2, 3, 4, 13, 14])).toEqual([0.2, 0.4, 0.6, 0.8, 1, 1, 0.5]);
        (0, vitest_1.expect)(at((0, schedules_ts_1.warmUp)(20, (0, schedules_ts_1.cosine)(1)), [20, 60, 100])[1]).toBeCloseTo(0.5, 12);
    });
    vitest_1.it.each([
        [function () { return (0, schedules_ts_1.constant)(-1); }, 'rate must be a finite number >= 0, got -1'],
        [function () { return (0, schedules_ts_1.constant)(Number.NaN); }, 'rate must be a finite number >= 0, got NaN'],
        [function () { return (0, schedules_ts_1.piecewise)([1], [5]); }, 'there must be one rate more than boundaries, got {rates: [1], boundaries: [5]}'],
        [function () { return (0, schedules_ts_1.piecewise)([1, 2, 3], [5, 5]); }, 'boundaries must grow, got [5, 5]'],
        [function () { return (0, schedules_ts_1.piecewise)([1, 2], [0.5]); }, 'each boundary must be a whole number >= 0, got 0.5'],
        [function () { return (0, schedules_ts_1.cosine)(1, { steps: 0 }); }, 'steps must be a whole number >= 1, got 0'],
        [function () { return (0, schedules_ts_1.warmUp)(-1, (0, schedules_ts_1.constant)(1)); }, 'steps must be a whole number >= 0, got -1'],
        [
            function () { return (0, schedules_ts_1.warmUp)(1, { kind: 'linear' }); },
            "kind must be 'constant', 'piecewise', 'cosine' or 'warm-up', got {kind: 'linear'}",
        ],
    ])('refuses %s', function (make, message) { return __awaiter(void 0, void 0, void 0, function () {
        return __generator(this, function (_a) {
            switch (_a.label) {
                case 0: return [4 /*yield*/, (0, test_kit_1.expectNamedError)(make, errors_ts_1.TrainerError, "trainer.schedule: ".concat(message))];
                case 1:
                    _a.sent();
                    return [2 /*return*/];
            }
        });
    }); });
});
(0, vitest_1.it)('presets are data: they survive JSON', function () {
    (0, vitest_1.expect)(JSON.parse(JSON.stringify(presets_ts_1.PRESETS))).toEqual(presets_ts_1.PRESETS);
    (0, vitest_1.expect)(Object.keys(presets_ts_1.PRESETS)).toEqual(['published', 'quick', 'standard']);
});
