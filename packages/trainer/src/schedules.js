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
Object.defineProperty(exports, "__esModule", { value: true });
exports.constant = constant;
exports.piecewise = piecewise;
exports.cosine = cosine;
exports.warmUp = warmUp;
exports.learningRateAt = learningRateAt;
exports.checked = checked;
// Learning-rate schedules as data: they are written into a run's record, and read from it again.
var errors_ts_1 = require("./errors.ts");
var NAME = 'schedule';
/** One rate throughout. */
function constant(rate) {
    return checked({ kind: 'constant', rate: rate });
}
/** Rates by steps: `piecewise([0.1, 0.01], [18000])` is 0.1 up to step 18,000 and 0.01 from there. */
function piecewise(rates, boundaries) {
    return checked({ kind: 'piecewise', rates: rates, boundaries: boundaries });
}
/** `final + (rate - final) (1 + cos(pi step / steps)) / 2`, without restarts. https://arxiv.org/abs/1608.03983 */
function cosine(rate, _a) {
    var _b = _a === void 0 ? {} : _a, final = _b.final, steps = _b.steps;
    return checked(__assign(__assign({ kind: 'cosine', rate: rate }, (final !== undefined && { final: final })), (steps !== undefined && { steps: steps })));
}
/** A line from near 0 to the first rate of `then`, and then that. */
function warmUp(steps, then) {
    return checked({ kind: 'warm-up', steps: steps, then: then });
}
/** The learning rate of one step of a training of `totalSteps` steps. */
function learningRateAt(schedule, step, totalSteps) {
    switch (schedule.kind) {
        case 'constant':
            return schedule.rate;
        case 'piecewise': {
            var past = schedule.boundaries.filter(function (boundary) { return step >= boundary; }).length;
            return schedule.rates[past];
        }
        case 'cosine': {
            var rate = schedule.rate, _a = schedule.final, final = _a === void 0 ? 0 : _a, _b = schedule.steps, steps = _b === void 0 ? totalSteps : _b;
            var progress = Math.min(step / Math.max(steps, 1), 1);
            return final + ((rate - final) * (1 + Math.cos(Math.PI * progress))) / 2;
        }
        case 'warm-up': {
            var steps = schedule.steps, then = schedule.then;
            if (step >= steps)
                return learningRateAt(then, step - steps, totalSteps - steps);
            return (learningRateAt(then, 0, totalSteps - steps) * (step + 1)) / (steps + 1);
        }
    }
}
/** The schedule itself, once it is known to be one. */
function checked(schedule) {
    var given = schedule;
    switch (given === null || given === void 0 ? void 0 : given.kind) {
        case 'constant':
            (0, errors_ts_1.checkNumber)(NAME, 'rate', given.rate);
            break;
        case 'piecewise': {
            var rates = given.rates, boundaries = given.boundaries;
            if (!Array.isArray(rates) || !Array.isArray(boundaries) || rates.length !== boundaries.length + 1) {
                throw new errors_ts_1.TrainerError(NAME, 'there must be one rate more than boundaries', { rates: rates, boundaries: boundaries });
            }
            for (var _i = 0, rates_1 = rates; _i < rates_1.length; _i++) {
                var rate = rates_1[_i];
                (0, errors_ts_1.checkNumber)(NAME, 'each rate', rate);
            }
            for (var _a = 0, _b = boundaries.entries(); _a < _b.length; _a++) {
                var _c = _b[_a], i = _c[0], boundary = _c[1];
                (0, errors_ts_1.checkWholeNumber)(NAME, 'each boundary', boundary, 0);
                if (i > 0 && boundary <= boundaries[i - 1])
                    throw new errors_ts_1.TrainerError(NAME, 'boundaries must grow', boundaries);
            }
            break;
        }
        case 'cosine':
            (0, errors_ts_1.checkNumber)(NAME, 'rate', given.rate);
            if (given.final !== undefined)
                (0, errors_ts_1.checkNumber)(NAME, 'final', given.final);
            if (given.steps !== undefined)
                (0, errors_ts_1.checkWholeNumber)(NAME, 'steps', given.steps, 1);
            break;
        case 'warm-up':
            (0, errors_ts_1.checkWholeNumber)(NAME, 'steps', given.steps, 0);
            checked(given.then);
            break;
        default:
            throw new errors_ts_1.TrainerError(NAME, "kind must be 'constant', 'piecewise', 'cosine' or 'warm-up'", given);
    }
    return schedule;
}
