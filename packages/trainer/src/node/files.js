"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.SCRATCH = void 0;
exports.writeAtomically = writeAtomically;
exports.syncFolder = syncFolder;
// Files that are whole or not there, whatever happens while they are written.
var node_fs_1 = require("node:fs");
var node_path_1 = require("node:path");
/** Ends the names of files that are being written; what is left of them after a crash is waste. */
exports.SCRATCH = '.part';
/** Writes a file beside its place, brings it to the disk, and only then gives it its name. */
function writeAtomically(path, chunks) {
    (0, node_fs_1.mkdirSync)((0, node_path_1.dirname)(path), { recursive: true });
    var scratch = "".concat(path, "-").concat(process.pid).concat(exports.SCRATCH);
    var file = (0, node_fs_1.openSync)(scratch, 'w');
    try {
        for (var _i = 0, chunks_1 = chunks; _i < chunks_1.length; _i++) {
            var chunk = chunks_1[_i];
            writeAll(file, typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
        }
        (0, node_fs_1.fsyncSync)(file);
    }
    catch (error) {
        (0, node_fs_1.closeSync)(file);
        (0, node_fs_1.rmSync)(scratch, { force: true });
        throw error;
    }
    (0, node_fs_1.closeSync)(file);
    (0, node_fs_1.renameSync)(scratch, path);
    syncFolder((0, node_path_1.dirname)(path));
}
function writeAll(file, bytes) {
    for (var at = 0; at < bytes.length;)
        at += (0, node_fs_1.writeSync)(file, bytes, at, bytes.length - at);
}
/** Brings the names in a folder to the disk, where the system has a way to. */
function syncFolder(path) {
    if (process.platform === 'win32')
        return;
    var folder = (0, node_fs_1.openSync)(path, 'r');
    try {
        (0, node_fs_1.fsyncSync)(folder);
    }
    finally {
        (0, node_fs_1.closeSync)(folder);
    }
}
