"use strict";
var __awaiter = (this && this.__awaiter) || function (thisArg, _arguments, P, generator) {
    function adopt(value) { return value instanceof P ? value : new P(function (resolve) { resolve(value); }); }
    return new (P || (P = Promise))(function (resolve, reject) {
        function fulfilled(value) { try { step(generator.next(value)); } catch (e) { reject(e); } }
        function rejected(value) { try { step(generator["throw"](value)); } catch (e) { reject(e); } }
        function step(result) { result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected); }
        step((generator = generator.apply(thisArg, _arguments || [])).next());
    });
};
var __generator = (this && this.__generator) || function (thisArg, body) {
    var _ = { label: 0, sent: function() { if (t[0] & 1) throw t[1]; return t[1]; }, trys: [], ops: [] }, f, y, t, g = Object.create((typeof Iterator === "function" ? Iterator : Object).prototype);
    return g.next = verb(0), g["throw"] = verb(1), g["return"] = verb(2), typeof Symbol === "function" && (g[Symbol.iterator] = function() { return this; }), g;
    function verb(n) { return function (v) { return step([n, v]); }; }
    function step(op) {
        if (f) throw new TypeError("Generator is already executing.");
        while (g && (g = 0, op[0] && (_ = 0)), _) try {
            if (f = 1, y && (t = op[0] & 2 ? y["return"] : op[0] ? y["throw"] || ((t = y["return"]) && t.call(y), 0) : y.next) && !(t = t.call(y, op[1])).done) return t;
            if (y = 0, t) op = [op[0] & 2, t.value];
            switch (op[0]) {
                case 0: case 1: t = op; break;
                case 4: _.label++; return { value: op[1], done: false };
                case 5: _.label++; y = op[1]; op = [0]; continue;
                case 7: op = _.ops.pop(); _.trys.pop(); continue;
                default:
                    if (!(t = _.trys, t = t.length > 0 && t[t.length - 1]) && (op[0] === 6 || op[0] === 2)) { _ = 0; continue; }
                    if (op[0] === 3 && (!t || (op[1] > t[0] && op[1] < t[3]))) { _.label = op[1]; break; }
                    if (op[0] === 6 && _.label < t[1]) { _.label = t[1]; t = op; break; }
                    if (t && _.label < t[2]) { _.label = t[2]; _.ops.push(op); break; }
                    if (t[2]) _.ops.pop();
                    _.trys.pop(); continue;
            }
            op = body.call(thisArg, _);
        } catch (e) { op = [6, e]; y = 0; } finally { f = t = 0; }
        if (op[0] & 5) throw op[1]; return { value: op[0] ? op[1] : void 0, done: true };
    }
};
Object.defineProperty(exports, "__esModule", { value: true });
exports.fileCheckpoints = fileCheckpoints;
// Checkpoints as files in a folder.
var node_fs_1 = require("node:fs");
var node_path_1 = require("node:path");
var errors_ts_1 = require("../errors.ts");
var files_ts_1 = require("./files.ts");
var safetensors_ts_1 = require("./safetensors.ts");
var NAME = 'fileCheckpoints';
var STEP_FILE = /^step-(\d+)\.safetensors$/;
var BEST = 'best.safetensors';
/**
 * Keeps the last states of a training (3 by default) and the best one. A file has its name only once it is whole and on the
 * disk. One that is damaged all the same is set aside, and the one before it counts.
 */
function fileCheckpoints(folder, _a) {
    var _b = _a === void 0 ? {} : _a, _c = _b.keep, keep = _c === void 0 ? 3 : _c;
    (0, errors_ts_1.checkWholeNumber)(NAME, 'keep', keep, 1);
    return {
        folder: folder,
        load: function (onNotice) {
            return __awaiter(this, void 0, void 0, function () {
                var files, _i, files_1, file, where, rule;
                return __generator(this, function (_a) {
                    removeScratch(folder);
                    files = stepFiles(folder);
                    for (_i = 0, files_1 = files; _i < files_1.length; _i++) {
                        file = files_1[_i];
                        where = (0, node_path_1.join)(folder, file);
                        try {
                            return [2 /*return*/, { state: (0, safetensors_ts_1.decodeState)((0, node_fs_1.readFileSync)(where)), where: where }];
                        }
                        catch (error) {
                            if (!(error instanceof errors_ts_1.CheckpointError))
                                throw error;
                            rule = error.rule;
                            if (file === files.at(-1)) {
                                throw new errors_ts_1.CheckpointError(NAME, "one of ".concat(folder, "/").concat(files.join(', '), " must be sound"), "".concat(file, ": ").concat(rule));
                            }
                            (0, node_fs_1.renameSync)(where, "".concat(where, ".damaged"));
                            onNotice("".concat(where, " is damaged (").concat(rule, ") and was set aside; the checkpoint before it is used"));
                        }
                    }
                    return [2 /*return*/, undefined];
                });
            });
        },
        save: function (state, best) {
            return __awaiter(this, void 0, void 0, function () {
                var file, where, _i, _a, old;
                return __generator(this, function (_b) {
                    (0, node_fs_1.mkdirSync)(folder, { recursive: true });
                    file = "step-".concat(String(state.progress.step).padStart(9, '0'), ".safetensors");
                    where = (0, node_path_1.join)(folder, file);
                    (0, files_ts_1.writeAtomically)(where, (0, safetensors_ts_1.encodeState)(state));
                    if (best)
                        sameFile(where, (0, node_path_1.join)(folder, BEST));
                    for (_i = 0, _a = stepFiles(folder).slice(keep); _i < _a.length; _i++) {
                        old = _a[_i];
                        (0, node_fs_1.rmSync)((0, node_path_1.join)(folder, old), { force: true });
                    }
                    return [2 /*return*/, where];
                });
            });
        },
        loadBest: function () {
            return __awaiter(this, void 0, void 0, function () {
                var where;
                return __generator(this, function (_a) {
                    where = (0, node_path_1.join)(folder, BEST);
                    return [2 /*return*/, (0, node_fs_1.existsSync)(where) ? { state: (0, safetensors_ts_1.decodeState)((0, node_fs_1.readFileSync)(where)), where: where } : undefined];
                });
            });
        },
    };
}
/** Newest first. */
function stepFiles(folder) {
    var steps = function (name) { return Number(STEP_FILE.exec(name)[1]); };
    return names(folder)
        .filter(function (name) { return STEP_FILE.test(name); })
        .sort(function (a, b) { return steps(b) - steps(a); });
}
function names(folder) {
    return (0, node_fs_1.existsSync)(folder) ? (0, node_fs_1.readdirSync)(folder) : [];
}
function removeScratch(folder) {
    for (var _i = 0, _a = names(folder); _i < _a.length; _i++) {
        var name_1 = _a[_i];
        if (name_1.endsWith(files_ts_1.SCRATCH))
            (0, node_fs_1.rmSync)((0, node_path_1.join)(folder, name_1), { force: true });
    }
}
/** Gives a file a second name, in the place of whatever had it. */
function sameFile(source, target) {
    var scratch = "".concat(target, "-").concat(process.pid).concat(files_ts_1.SCRATCH);
    (0, node_fs_1.rmSync)(scratch, { force: true });
    try {
        (0, node_fs_1.linkSync)(source, scratch);
    }
    catch (_a) {
        (0, node_fs_1.copyFileSync)(source, scratch); // a file system without links
    }
    (0, node_fs_1.renameSync)(scratch, target);
    (0, files_ts_1.syncFolder)((0, node_path_1.join)(target, '..'));
}
