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
var __rest = (this && this.__rest) || function (s, e) {
    var t = {};
    for (var p in s) if (Object.prototype.hasOwnProperty.call(s, p) && e.indexOf(p) < 0)
        t[p] = s[p];
    if (s != null && typeof Object.getOwnPropertySymbols === "function")
        for (var i = 0, p = Object.getOwnPropertySymbols(s); i < p.length; i++) {
            if (e.indexOf(p[i]) < 0 && Object.prototype.propertyIsEnumerable.call(s, p[i]))
                t[p[i]] = s[p[i]];
        }
    return t;
};
Object.defineProperty(exports, "__esModule", { value: true });
exports.trainingSettings = trainingSettings;
exports.makeOptimizer = makeOptimizer;
// What can be asked of a training, and what is asked when nothing is said.
var train_ops_1 = require("@stridelab/train-ops");
var errors_ts_1 = require("./errors.ts");
var schedules_ts_1 = require("./schedules.ts");
var METRICS = ['loss', 'accuracy', 'validationLoss', 'validationAccuracy'];
function trainingSettings(options, hasValidation) {
    var epochs = options.epochs, _a = options.optimizer, optimizer = _a === void 0 ? { kind: 'sgd' } : _a, _b = options.schedule, schedule = _b === void 0 ? 0.01 : _b, _c = options.labelSmoothing, labelSmoothing = _c === void 0 ? 0 : _c, _d = options.seed, seed = _d === void 0 ? 0 : _d;
    var _e = options.monitor, monitor = _e === void 0 ? hasValidation ? 'validationAccuracy' : 'loss' : _e, earlyStopping = options.earlyStopping;
    (0, errors_ts_1.checkWholeNumber)('fit', 'epochs', epochs, 1);
    (0, errors_ts_1.checkWholeNumber)('fit', 'seed', seed, 0);
    (0, errors_ts_1.checkNumber)('fit', 'labelSmoothing', labelSmoothing, { most: 1 });
    if (!METRICS.includes(monitor)) {
        throw new errors_ts_1.TrainerError('fit', "monitor must be one of ".concat(METRICS.join(', ')), monitor);
    }
    if (monitor.startsWith('validation') && !hasValidation) {
        throw new errors_ts_1.TrainerError('fit', "data.validation must be given to monitor ".concat(monitor), undefined);
    }
    if (earlyStopping)
        (0, errors_ts_1.checkWholeNumber)('fit', 'earlyStopping.patience', earlyStopping.patience, 1);
    if ((earlyStopping === null || earlyStopping === void 0 ? void 0 : earlyStopping.minDelta) !== undefined)
        (0, errors_ts_1.checkNumber)('fit', 'earlyStopping.minDelta', earlyStopping.minDelta);
    checkOptimizer(optimizer);
    return {
        epochs: epochs,
        optimizer: optimizer,
        schedule: (0, schedules_ts_1.checked)(typeof schedule === 'number' ? (0, schedules_ts_1.constant)(schedule) : schedule),
        labelSmoothing: labelSmoothing,
        seed: seed,
        monitor: monitor,
        earlyStopping: earlyStopping ? __assign({ minDelta: 0 }, earlyStopping) : null,
    };
}
function checkOptimizer(optimizer) {
    var kind = optimizer.kind, decay = optimizer.decay;
    if (kind !== 'sgd' && kind !== 'adam') {
        throw new errors_ts_1.TrainerError('fit', "optimizer.kind must be 'sgd' or 'adam'", kind);
    }
    if (kind === 'sgd' && optimizer.momentum !== undefined) {
        (0, errors_ts_1.checkNumber)('fit', 'optimizer.momentum', optimizer.momentum, { most: 1 });
    }
    if (kind === 'adam') {
        var beta1 = optimizer.beta1, beta2 = optimizer.beta2, epsilon = optimizer.epsilon;
        for (var _i = 0, _a = Object.entries({ beta1: beta1, beta2: beta2 }); _i < _a.length; _i++) {
            var _b = _a[_i], name_1 = _b[0], beta = _b[1];
            if (beta !== undefined)
                (0, errors_ts_1.checkNumber)('fit', "optimizer.".concat(name_1), beta, { most: 1 });
        }
        if (epsilon !== undefined)
            (0, errors_ts_1.checkNumber)('fit', 'optimizer.epsilon', epsilon, { open: true });
    }
    if (!decay)
        return;
    if (decay.kind !== 'l2' && decay.kind !== 'decoupled') {
        throw new errors_ts_1.TrainerError('fit', "optimizer.decay.kind must be 'l2' or 'decoupled'", decay.kind);
    }
    (0, errors_ts_1.checkNumber)('fit', 'optimizer.decay.rate', decay.rate);
}
/** The optimizer of settings that are known to be good. Whoever makes it disposes of it. */
function makeOptimizer(_a) {
    var optimizer = _a.optimizer;
    var kind = optimizer.kind, decay = optimizer.decay, rest = __rest(optimizer, ["kind", "decay"]);
    // The gradient of rate * w^2 is 2 * rate * w.
    var decaying = decay && {
        weightDecay: decay.kind === 'l2' ? 2 * decay.rate : decay.rate,
        decay: decay.kind,
        decays: function (_a) {
            var rank = _a.rank;
            return rank >= 2;
        },
    };
    var options = __assign(__assign({ learningRate: 0 }, decaying), rest);
    return kind === 'adam' ? new train_ops_1.FusedAdam(options) : new train_ops_1.FusedSgd(options);
}
