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
exports.networkOf = networkOf;
exports.layersOf = layersOf;
// What the loop has to know of a model.
var tfjs_core_1 = require("@tensorflow/tfjs-core");
var tfjs_layers_1 = require("@tensorflow/tfjs-layers");
var errors_ts_1 = require("./errors.ts");
/** A classifier that can be trained: one input, and one output of logits or of softmax's probabilities. */
function networkOf(operation, model) {
    if (!(model instanceof tfjs_layers_1.LayersModel))
        throw new errors_ts_1.TrainerError(operation, 'model must be a tf.LayersModel', model);
    var inputs = model.inputs, outputs = model.outputs;
    if (inputs.length !== 1 || outputs.length !== 1) {
        var counts = { inputs: inputs.length, outputs: outputs.length };
        throw new errors_ts_1.TrainerError(operation, 'the model must have one input and one output', counts);
    }
    var shape = outputs[0].shape;
    var classes = shape[1];
    if (shape.length !== 2 || !classes || classes < 2) {
        throw new errors_ts_1.TrainerError(operation, 'the model must give (size, classes), two classes or more', shape);
    }
    var last = outputs[0].sourceLayer;
    var probabilities = last.getClassName() === 'Softmax' || last.getConfig().activation === 'softmax';
    var all = __spreadArray([], new Set(layersOf(model)), true);
    return {
        model: model,
        example: inputs[0].shape.slice(1),
        classes: classes,
        variables: __spreadArray([], new Set(model.trainableWeights.map(function (weight) { return weight.read(); })), true),
        logits: function (images, training) {
            var given = model.apply(images, { training: training });
            // softmax(log p) = p, so that the logarithms of probabilities are logits.
            return probabilities ? (0, tfjs_core_1.log)((0, tfjs_core_1.maximum)(given, 1e-7)) : given;
        },
        // Once for each layer: a model's own sum counts a layer that is used twice two times.
        penalties: function () { return all.flatMap(function (layer) { return layer.calculateLosses(); }); },
    };
}
/** Every layer, those of models within the model included, which stand for themselves no more. */
function layersOf(model) {
    return model.layers.flatMap(function (layer) { return (layer instanceof tfjs_layers_1.LayersModel ? layersOf(layer) : [layer]); });
}
