"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.withRandom = withRandom;
// Random draws of layers, such as dropout's, made repeatable: TF.js takes its seeds from Math.random.
var seedrandom_1 = require("seedrandom");
/** Runs `work`, which must not wait, with a Math.random of its own for each key. */
function withRandom(key, work) {
    var original = Math.random;
    Math.random = seedrandom_1.default.alea(key);
    try {
        return work();
    }
    finally {
        Math.random = original;
    }
}
