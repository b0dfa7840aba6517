"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
var vitest_1 = require("vitest");
var trainer = require("./index.ts");
(0, vitest_1.it)('exports this and nothing else', function () {
    (0, vitest_1.expect)(Object.keys(trainer).sort()).toEqual([
        'CheckpointError',
        'DivergedError',
        'PRESETS',
        'TrainerError',
        'arrayData',
        'constant',
        'cosine',
        'evaluate',
        'fit',
        'learningRateAt',
        'piecewise',
        'progressLines',
        'readStrides',
        'restoreWeights',
        'warmUp',
    ]);
});
