"use strict";
var _a;
Object.defineProperty(exports, "__esModule", { value: true });
// A training in a process of its own, for tests that interrupt it. Arguments: the folder of checkpoints, and a file for the
// final weights.
var node_fs_1 = require("node:fs");
require("@tensorflow/tfjs-backend-cpu");
require("@tensorflow/tfjs-layers");
var tfjs_core_1 = require("@tensorflow/tfjs-core");
var fit_ts_1 = require("../fit.ts");
var test_tools_ts_1 = require("../test-tools.ts");
var checkpoint_files_ts_1 = require("./checkpoint-files.ts");
var interrupt_ts_1 = require("./interrupt.ts");
var _b = process.argv.slice(2), folder = _b[0], result = _b[1];
await (0, tfjs_core_1.setBackend)('cpu');
var model = (0, test_tools_ts_1.smallModel)();
var interruption = (0, interrupt_ts_1.onInterrupt)();
var _c = await (0, fit_ts_1.fit)(model, (0, test_tools_ts_1.smallData)(200, 5), {
    epochs: 20,
    schedule: { kind: 'warm-up', steps: 20, then: { kind: 'cosine', rate: 0.02 } },
    optimizer: { kind: 'adam', decay: { kind: 'decoupled', rate: 0.01 } },
    labelSmoothing: 0.1,
    checkpoints: (0, checkpoint_files_ts_1.fileCheckpoints)(folder, { keep: 2 }),
    checkpointEvery: { steps: 3 },
    signal: interruption.signal,
    onEvent: function (event) {
        if (event.type === 'start')
            console.log("started at ".concat(event.step));
        if (event.type === 'notice')
            console.log("notice ".concat(event.message));
    },
}), reason = _c.reason, step = _c.step, history = _c.history;
interruption.dispose();
var losses = history.map(function (_a) {
    var loss = _a.loss, validationLoss = _a.validationLoss;
    return [loss, validationLoss];
});
if (reason === 'finished')
    (0, node_fs_1.writeFileSync)(result, JSON.stringify({ weights: await (0, test_tools_ts_1.weightBits)(model), losses: losses, step: step }));
console.log("".concat(reason, " at ").concat(step));
process.exitCode = (_a = interruption.exitCode) !== null && _a !== void 0 ? _a : 0;
