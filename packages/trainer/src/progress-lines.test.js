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
var vitest_1 = require("vitest");
var progress_lines_ts_1 = require("./progress-lines.ts");
var strides = [
    { layer: 'a', strides: [2, 2.125], learned: true, from: [32, 32], to: [24, 24] },
    { layer: 'b', strides: [2, 2], learned: false, from: [24, 24], to: [12, 12] },
];
var epoch = {
    type: 'epoch',
    epoch: 0,
    epochs: 10,
    step: 5,
    loss: 1.23456,
    accuracy: 0.5,
    learningRate: 0.1,
    strides: strides,
    imagesPerSecond: 123.4,
    seconds: 2,
    secondsLeft: 75,
    best: true,
};
(0, vitest_1.it)('writes what a person wants to know', function () {
    var lines = [];
    var overwritten = [];
    var listen = (0, progress_lines_ts_1.progressLines)({ write: function (line) { return lines.push(line); }, overwrite: function (line) { return overwritten.push(line); } });
    var run = { epochs: 10, batches: 5, step: 0, totalSteps: 50, trainableParameters: 11172178, backend: 'cpu' };
    var step = { epoch: 0, batch: 2, batches: 5, step: 2, loss: 2, accuracy: 0.25, learningRate: 0.1 };
    var events = [
        __assign(__assign({ type: 'start' }, run), { strides: strides }),
        { type: 'resume', step: 7, epoch: 1, batch: 2, from: 'file' },
        { type: 'notice', message: 'a file is damaged' },
        __assign(__assign({ type: 'step' }, step), { imagesPerSecond: 100, secondsLeft: 8 }),
        epoch,
        __assign(__assign({}, epoch), { epoch: 9, validationLoss: 1, validationAccuracy: 0.75, strides: [] }),
        { type: 'checkpoint', step: 5, where: 'x', best: true },
        { type: 'end', step: 50, reason: 'aborted' },
    ];
    for (var _i = 0, events_1 = events; _i < events_1.length; _i++) {
        var event_1 = events_1[_i];
        listen(event_1);
    }
    (0, vitest_1.expect)(lines).toEqual([
        '11,172,178 parameters, 10 epochs of 5 steps on cpu, strides 2.00x2.13',
        'Goes on from file: step 7, epoch 2, batch 2',
        'Note: a file is damaged',
        'epoch  1/10  loss 1.2346  accuracy 50.0%  strides 2.00x2.13  123 images/s  1 min 15 s left',
        'epoch 10/10  loss 1.2346  accuracy 50.0%  validation 1.0000 75.0%  123 images/s',
        'Interrupted',
    ]);
    (0, vitest_1.expect)(overwritten).toEqual(['epoch 1  2/5  loss 2.0000  accuracy 25.0%  100 images/s  8 s left']);
});
vitest_1.it.each([
    [3, '3 s'],
    [59.6, '1 min 00 s'],
    [3725, '1 h 02 min'],
])('%s seconds are %s', function (seconds, text) { return (0, vitest_1.expect)((0, progress_lines_ts_1.duration)(seconds)).toBe(text); });
