"use strict";
// A rest between two steps, in which timers, signals and listeners of the program have their turn.
Object.defineProperty(exports, "__esModule", { value: true });
exports.nextTask = nextTask;
/** Resolves in a task of its own, as soon as there is one. */
function nextTask() {
    return new Promise(function (resolve) {
        if (typeof setImmediate === 'function')
            setImmediate(resolve);
        else if (typeof MessageChannel === 'function') {
            var _a = new MessageChannel(), port1_1 = _a.port1, port2 = _a.port2;
            port1_1.onmessage = function () {
                port1_1.close();
                resolve();
            };
            port2.postMessage(null);
        }
        else
            setTimeout(resolve, 0);
    });
}
