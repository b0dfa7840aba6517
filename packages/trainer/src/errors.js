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
Object.defineProperty(exports, "__esModule", { value: true });
exports.CheckpointError = exports.DivergedError = exports.TrainerError = void 0;
exports.checkWholeNumber = checkWholeNumber;
exports.checkNumber = checkNumber;
var errors_1 = require("@stridelab/errors");
/** A call, data or a file that breaks a rule of this package. */
var TrainerError = /** @class */ (function (_super) {
    __extends(TrainerError, _super);
    function TrainerError(operation, rule, got) {
        var _this = _super.call(this, 'trainer', operation, rule, got) || this;
        _this.name = 'TrainerError';
        return _this;
    }
    return TrainerError;
}(errors_1.RuleError));
exports.TrainerError = TrainerError;
/** The loss is no longer a finite number. The last checkpoint was written before this step. */
var DivergedError = /** @class */ (function (_super) {
    __extends(DivergedError, _super);
    function DivergedError(
    /** Number of the step whose loss it was, from 0. */
    step, epoch, loss) {
        var _this = _super.call(this, 'fit', "the loss must stay finite, and at step ".concat(step, " (epoch ").concat(epoch + 1, ") it did not"), loss) || this;
        _this.step = step;
        _this.epoch = epoch;
        _this.loss = loss;
        _this.name = 'DivergedError';
        return _this;
    }
    return DivergedError;
}(TrainerError));
exports.DivergedError = DivergedError;
/** A checkpoint or a run folder that is missing, damaged, or of another configuration. Nothing was overwritten. */
var CheckpointError = /** @class */ (function (_super) {
    __extends(CheckpointError, _super);
    function CheckpointError() {
        var _this = _super !== null && _super.apply(this, arguments) || this;
        _this.name = 'CheckpointError';
        return _this;
    }
    return CheckpointError;
}(TrainerError));
exports.CheckpointError = CheckpointError;
/** Refuses `value` unless it is a whole number of at least `least`. */
function checkWholeNumber(operation, name, value, least) {
    if (Number.isSafeInteger(value) && value >= least)
        return;
    throw new TrainerError(operation, "".concat(name, " must be a whole number >= ").concat(least), value);
}
/** Refuses `value` unless it is a number in [least, most), or in (least, most) with `open`. */
function checkNumber(operation, name, value, _a) {
    var _b = _a === void 0 ? {} : _a, _c = _b.least, least = _c === void 0 ? 0 : _c, _d = _b.most, most = _d === void 0 ? Number.POSITIVE_INFINITY : _d, _e = _b.open, open = _e === void 0 ? false : _e;
    if (typeof value === 'number' && (open ? value > least : value >= least) && value < most)
        return;
    var rule = most === Number.POSITIVE_INFINITY
        ? "a finite number ".concat(open ? '>' : '>=', " ").concat(least)
        : "in ".concat(open ? '(' : '[').concat(least, ", ").concat(most, ")");
    throw new TrainerError(operation, "".concat(name, " must be ").concat(rule), value);
}
