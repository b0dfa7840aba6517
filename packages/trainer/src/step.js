"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.trainStep = trainStep;
// One step: forward, loss, gradient, update.
var train_ops_1 = require("@stridelab/train-ops");
var tfjs_core_1 = require("@tensorflow/tfjs-core");
/** Moves the weights by one batch. The caller disposes of both tensors. */
function trainStep(network, optimizer, _a, labelSmoothing) {
    var images = _a.images, targets = _a.targets;
    var logits;
    var _b = (0, tfjs_core_1.variableGrads)(function () {
        logits = (0, tfjs_core_1.keep)(network.logits(images, true));
        var loss = (0, train_ops_1.softmaxCrossEntropy)(targets, logits, { labelSmoothing: labelSmoothing });
        return network.penalties().reduce(function (sum, penalty) { return (0, tfjs_core_1.add)(sum, penalty); }, loss);
    }, network.variables), value = _b.value, grads = _b.grads;
    optimizer.applyGradients(grads);
    for (var _i = 0, _c = Object.values(grads); _i < _c.length; _i++) {
        var gradient = _c[_i];
        gradient === null || gradient === void 0 ? void 0 : gradient.dispose();
    }
    return { loss: value, logits: logits };
}
