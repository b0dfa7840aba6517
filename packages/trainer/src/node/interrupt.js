"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.onInterrupt = onInterrupt;
// Ctrl-C that loses nothing.
var node_os_1 = require("node:os");
/**
 * Turns Ctrl-C (SIGINT) and SIGTERM into an abort, so that a training finishes its batch, saves and returns; a second one
 * ends the process on the spot. The program then exits with `exitCode`.
 */
function onInterrupt(notify) {
    if (notify === void 0) { notify = function () { }; }
    var controller = new AbortController();
    var exitCode;
    var listen = function (name) {
        var _a;
        var code = 128 + ((_a = node_os_1.constants.signals[name]) !== null && _a !== void 0 ? _a : 0);
        if (exitCode !== undefined)
            process.exit(code);
        exitCode = code;
        notify(name);
        controller.abort();
    };
    for (var _i = 0, SIGNALS_1 = SIGNALS; _i < SIGNALS_1.length; _i++) {
        var name_1 = SIGNALS_1[_i];
        process.on(name_1, listen);
    }
    return {
        signal: controller.signal,
        get exitCode() {
            return exitCode;
        },
        dispose: function () {
            for (var _i = 0, SIGNALS_2 = SIGNALS; _i < SIGNALS_2.length; _i++) {
                var name_2 = SIGNALS_2[_i];
                process.off(name_2, listen);
            }
        },
    };
}
var SIGNALS = ['SIGINT', 'SIGTERM'];
