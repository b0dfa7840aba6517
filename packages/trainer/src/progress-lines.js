"use strict";
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
exports.progressLines = progressLines;
exports.duration = duration;
/** A listener that writes one line an epoch, and says what else a person should know. */
function progressLines(_a) {
    var _b = _a === void 0 ? {} : _a, _c = _b.write, write = _c === void 0 ? console.log : _c, overwrite = _b.overwrite;
    return function (event) {
        if (event.type === 'step')
            overwrite === null || overwrite === void 0 ? void 0 : overwrite(stepLine(event));
        else {
            var line = lineOf(event);
            if (line)
                write(line);
        }
    };
}
function lineOf(event) {
    switch (event.type) {
        case 'start': {
            var trainableParameters = event.trainableParameters, epochs = event.epochs, batches = event.batches, backend = event.backend, strides = event.strides;
            var parameters = trainableParameters.toLocaleString('en');
            var learned = stridesText(strides);
            return "".concat(parameters, " parameters, ").concat(epochs, " epochs of ").concat(batches, " steps on ").concat(backend).concat(learned && ", ".concat(learned));
        }
        case 'resume':
            return "Goes on from ".concat(event.from, ": step ").concat(event.step, ", epoch ").concat(event.epoch + 1, ", batch ").concat(event.batch);
        case 'notice':
            return "Note: ".concat(event.message);
        case 'epoch':
            return epochLine(event);
        case 'checkpoint':
            return undefined;
        case 'end':
            return { finished: undefined, 'early-stop': 'Stopped early: no longer better', aborted: 'Interrupted' }[event.reason];
    }
}
function epochLine(event) {
    var epoch = event.epoch, epochs = event.epochs, loss = event.loss, accuracy = event.accuracy, validationLoss = event.validationLoss, validationAccuracy = event.validationAccuracy, strides = event.strides;
    var learned = stridesText(strides);
    var parts = __spreadArray(__spreadArray(__spreadArray(__spreadArray([
        "epoch ".concat(String(epoch + 1).padStart(String(epochs).length), "/").concat(epochs),
        "loss ".concat(loss.toFixed(4)),
        "accuracy ".concat(percent(accuracy))
    ], (validationLoss === undefined
        ? []
        : ["validation ".concat(validationLoss.toFixed(4), " ").concat(percent(validationAccuracy))]), true), (learned ? [learned] : []), true), [
        "".concat(Math.round(event.imagesPerSecond), " images/s")
    ], false), (epoch + 1 < epochs ? ["".concat(duration(event.secondsLeft), " left")] : []), true);
    return parts.join('  ');
}
function stepLine(_a) {
    var epoch = _a.epoch, batch = _a.batch, batches = _a.batches, loss = _a.loss, accuracy = _a.accuracy, imagesPerSecond = _a.imagesPerSecond, secondsLeft = _a.secondsLeft;
    var speed = "".concat(Math.round(imagesPerSecond), " images/s  ").concat(duration(secondsLeft), " left");
    return "epoch ".concat(epoch + 1, "  ").concat(batch, "/").concat(batches, "  loss ").concat(loss.toFixed(4), "  accuracy ").concat(percent(accuracy), "  ").concat(speed);
}
/** `strides 2.00x2.13 1.87x2.02`, of the layers that learn theirs. */
function stridesText(strides) {
    var learned = strides.filter(function (_a) {
        var learned = _a.learned;
        return learned;
    });
    if (learned.length === 0)
        return '';
    return "strides ".concat(learned.map(function (reading) { return reading.strides.map(function (stride) { return stride.toFixed(2); }).join('x'); }).join(' '));
}
function percent(part) {
    return "".concat((100 * part).toFixed(1), "%");
}
/** `1 h 02 min`, `3 min 05 s`, `8 s`. */
function duration(seconds) {
    var whole = Math.round(seconds);
    var two = function (n) { return String(n).padStart(2, '0'); };
    if (whole < 60)
        return "".concat(whole, " s");
    if (whole < 3600)
        return "".concat(Math.floor(whole / 60), " min ").concat(two(whole % 60), " s");
    return "".concat(Math.floor(whole / 3600), " h ").concat(two(Math.floor((whole % 3600) / 60)), " min");
}
