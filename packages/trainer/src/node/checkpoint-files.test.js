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
var node_child_process_1 = require("node:child_process");
var node_events_1 = require("node:events");
var node_fs_1 = require("node:fs");
var node_os_1 = require("node:os");
var node_path_1 = require("node:path");
var consumers_1 = require("node:stream/consumers");
var test_kit_1 = require("@stridelab/test-kit");
var vitest_1 = require("vitest");
var checkpoint_ts_1 = require("../checkpoint.ts");
var errors_ts_1 = require("../errors.ts");
var fit_ts_1 = require("../fit.ts");
var test_tools_ts_1 = require("../test-tools.ts");
var checkpoint_files_ts_1 = require("./checkpoint-files.ts");
var safetensors_ts_1 = require("./safetensors.ts");
var folder;
(0, vitest_1.beforeEach)(function () {
    folder = (0, node_fs_1.mkdtempSync)((0, node_path_1.join)((0, node_os_1.tmpdir)(), 'checkpoints-'));
});
(0, vitest_1.afterEach)(function () { return (0, node_fs_1.rmSync)(folder, { recursive: true, force: true }); });
var recipe = { epochs: 3, schedule: 0.05, optimizer: { kind: 'adam' } };
var joined = function (chunks) { return new Uint8Array(Buffer.concat(chunks)); };
(0, test_kit_1.forEachBackend)(function () {
    (0, vitest_1.it)('keeps the last states and the best, and nothing unfinished', function () { return __awaiter(void 0, void 0, void 0, function () {
        var checkpoints, model, result, best, other, _a, _b, _c, _d, _e;
        return __generator(this, function (_f) {
            switch (_f.label) {
                case 0:
                    (0, node_fs_1.writeFileSync)((0, node_path_1.join)(folder, 'step-000000001.safetensors-77.part'), 'half');
                    checkpoints = (0, checkpoint_files_ts_1.fileCheckpoints)(folder, { keep: 2 });
                    model = (0, test_tools_ts_1.smallModel)();
                    return [4 /*yield*/, (0, fit_ts_1.fit)(model, (0, test_tools_ts_1.smallData)(), __assign(__assign({}, recipe), { checkpoints: checkpoints, checkpointEvery: { steps: 2 } }))];
                case 1:
                    result = _f.sent();
                    (0, vitest_1.expect)((0, node_fs_1.readdirSync)(folder).sort()).toEqual([
                        'best.safetensors',
                        'step-000000014.safetensors',
                        'step-000000015.safetensors',
                    ]);
                    return [4 /*yield*/, checkpoints.loadBest()];
                case 2:
                    best = _f.sent();
                    (0, vitest_1.expect)(best.state.progress.epoch - 1).toBe(result.best.epoch);
                    other = (0, test_tools_ts_1.smallModel)();
                    _a = checkpoint_ts_1.restoreWeights;
                    _b = [other];
                    return [4 /*yield*/, checkpoints.load(function () { })];
                case 3:
                    _a.apply(void 0, _b.concat([(_f.sent()).state, 'x']));
                    _d = vitest_1.expect;
                    return [4 /*yield*/, (0, test_tools_ts_1.weightBits)(other)];
                case 4:
                    _e = (_c = _d.apply(void 0, [_f.sent()])).toEqual;
                    return [4 /*yield*/, (0, test_tools_ts_1.weightBits)(model)];
                case 5:
                    _e.apply(_c, [_f.sent()]);
                    return [2 /*return*/];
            }
        });
    }); });
    (0, vitest_1.it)('takes the checkpoint before a damaged one, says so, and ends with the same weights', function () { return __awaiter(void 0, void 0, void 0, function () {
        var whole, harm, _loop_1, _i, harm_1, damage;
        return __generator(this, function (_a) {
            switch (_a.label) {
                case 0:
                    whole = (0, test_tools_ts_1.smallModel)();
                    return [4 /*yield*/, (0, fit_ts_1.fit)(whole, (0, test_tools_ts_1.smallData)(), recipe)];
                case 1:
                    _a.sent();
                    harm = [
                        function (path) { return (0, node_fs_1.truncateSync)(path, 700); },
                        function (path) { return (0, node_fs_1.truncateSync)(path, 5); },
                        function (path) { return (0, node_fs_1.writeFileSync)(path, ''); },
                        function (path) {
                            var bytes = (0, node_fs_1.readFileSync)(path);
                            bytes[bytes.length - 9] ^= 1; // one bit of one number
                            (0, node_fs_1.writeFileSync)(path, bytes);
                        },
                        function (path) {
                            var bytes = (0, node_fs_1.readFileSync)(path);
                            bytes[9] = 0;
                            (0, node_fs_1.writeFileSync)(path, bytes);
                        },
                    ];
                    _loop_1 = function (damage) {
                        var stop_1, onEvent, options, newest, _b, events, record, model, notice, _c, _d, _e;
                        return __generator(this, function (_f) {
                            switch (_f.label) {
                                case 0:
                                    stop_1 = new AbortController();
                                    onEvent = function (event) {
                                        if (event.type === 'step' && event.step === 8)
                                            stop_1.abort();
                                    };
                                    options = __assign(__assign({}, recipe), { checkpoints: (0, checkpoint_files_ts_1.fileCheckpoints)(folder), checkpointEvery: { steps: 2 } });
                                    return [4 /*yield*/, (0, fit_ts_1.fit)((0, test_tools_ts_1.smallModel)(), (0, test_tools_ts_1.smallData)(), __assign(__assign({}, options), { onEvent: onEvent, signal: stop_1.signal }))];
                                case 1:
                                    _f.sent();
                                    newest = (0, node_fs_1.readdirSync)(folder)
                                        .filter(function (name) { return name.startsWith('step'); })
                                        .sort()
                                        .at(-1);
                                    damage((0, node_path_1.join)(folder, newest));
                                    _b = (0, test_tools_ts_1.recorder)(), events = _b.events, record = _b.onEvent;
                                    model = (0, test_tools_ts_1.smallModel)();
                                    return [4 /*yield*/, (0, fit_ts_1.fit)(model, (0, test_tools_ts_1.smallData)(), __assign(__assign({}, options), { onEvent: record }))];
                                case 2:
                                    _f.sent();
                                    notice = (0, test_tools_ts_1.ofType)(events, 'notice')[0];
                                    (0, vitest_1.expect)(notice.message).toContain(newest);
                                    (0, vitest_1.expect)(notice.message).toMatch(/is damaged \(.*\) and was set aside; the checkpoint before it is used$/);
                                    (0, vitest_1.expect)((0, test_tools_ts_1.ofType)(events, 'resume')[0].step).toBeLessThan(9);
                                    _d = vitest_1.expect;
                                    return [4 /*yield*/, (0, test_tools_ts_1.weightBits)(model)];
                                case 3:
                                    _e = (_c = _d.apply(void 0, [_f.sent()])).toEqual;
                                    return [4 /*yield*/, (0, test_tools_ts_1.weightBits)(whole)];
                                case 4:
                                    _e.apply(_c, [_f.sent()]);
                                    (0, node_fs_1.rmSync)(folder, { recursive: true });
                                    return [2 /*return*/];
                            }
                        });
                    };
                    _i = 0, harm_1 = harm;
                    _a.label = 2;
                case 2:
                    if (!(_i < harm_1.length)) return [3 /*break*/, 5];
                    damage = harm_1[_i];
                    return [5 /*yield**/, _loop_1(damage)];
                case 3:
                    _a.sent();
                    _a.label = 4;
                case 4:
                    _i++;
                    return [3 /*break*/, 2];
                case 5: return [2 /*return*/];
            }
        });
    }); });
    (0, vitest_1.it)('refuses a foreign checkpoint, one of another training, and a folder with none that is sound', function () { return __awaiter(void 0, void 0, void 0, function () {
        var checkpoints, before, refused, file, other, weights, rule, _a;
        return __generator(this, function (_b) {
            switch (_b.label) {
                case 0:
                    checkpoints = (0, checkpoint_files_ts_1.fileCheckpoints)(folder);
                    return [4 /*yield*/, (0, fit_ts_1.fit)((0, test_tools_ts_1.smallModel)(), (0, test_tools_ts_1.smallData)(), __assign(__assign({}, recipe), { epochs: 1, checkpoints: checkpoints }))];
                case 1:
                    _b.sent();
                    before = (0, node_fs_1.readdirSync)(folder).map(function (name) { return [name, (0, node_fs_1.readFileSync)((0, node_path_1.join)(folder, name), 'base64')]; });
                    refused = function (options, message, model) {
                        if (model === void 0) { model = (0, test_tools_ts_1.smallModel)(); }
                        return (0, test_kit_1.expectNamedError)(function () { return (0, fit_ts_1.fit)(model, (0, test_tools_ts_1.smallData)(), __assign(__assign(__assign({}, recipe), { checkpoints: checkpoints }), options)); }, errors_ts_1.CheckpointError, message);
                    };
                    file = (0, node_path_1.join)(folder, 'step-000000005.safetensors');
                    return [4 /*yield*/, refused({ epochs: 2 }, "trainer.fit: training.epochs of ".concat(file, " must be 2, as in this training, got 1"))];
                case 2:
                    _b.sent();
                    return [4 /*yield*/, refused({ epochs: 1, optimizer: { kind: 'sgd' } }, "trainer.fit: training.optimizer.kind of ".concat(file, " must be \"sgd\", as in this training, got 'adam'"))];
                case 3:
                    _b.sent();
                    other = (0, test_tools_ts_1.smallModel)({ units: 4 });
                    return [4 /*yield*/, (0, test_tools_ts_1.weightBits)(other)];
                case 4:
                    weights = _b.sent();
                    rule = "weight 0 (dense_Dense3/kernel) in ".concat(file, " must be float32 [36, 4], got 'float32 [36, 8]'");
                    return [4 /*yield*/, refused({ epochs: 1 }, new RegExp(rule.replace(/[[\]()]/g, '\\$&').replace('dense_Dense3', '[^/]+')), other)];
                case 5:
                    _b.sent();
                    _a = vitest_1.expect;
                    return [4 /*yield*/, (0, test_tools_ts_1.weightBits)(other)];
                case 6:
                    _a.apply(void 0, [_b.sent()]).toEqual(weights);
                    (0, vitest_1.expect)((0, node_fs_1.readdirSync)(folder).map(function (name) { return [name, (0, node_fs_1.readFileSync)((0, node_path_1.join)(folder, name), 'base64')]; })).toEqual(before);
                    (0, node_fs_1.writeFileSync)(file, 'not a checkpoint at all');
                    return [4 /*yield*/, refused({ epochs: 1 }, /^trainer\.fileCheckpoints: one of .* must be sound, got 'step-.*: it must be whole'$/)];
                case 7:
                    _b.sent();
                    return [2 /*return*/];
            }
        });
    }); });
    (0, vitest_1.it)('writes what any reader of safetensors can read', function () { return __awaiter(void 0, void 0, void 0, function () {
        var model, bytes, length, header, _a, key, entry, start;
        return __generator(this, function (_b) {
            switch (_b.label) {
                case 0:
                    model = (0, test_tools_ts_1.smallModel)();
                    return [4 /*yield*/, (0, fit_ts_1.fit)(model, (0, test_tools_ts_1.smallData)(), __assign(__assign({}, recipe), { epochs: 1, checkpoints: (0, checkpoint_files_ts_1.fileCheckpoints)(folder) }))];
                case 1:
                    _b.sent();
                    bytes = (0, node_fs_1.readFileSync)((0, node_path_1.join)(folder, 'best.safetensors'));
                    length = Number(bytes.readBigUInt64LE());
                    header = JSON.parse(bytes.toString('utf8', 8, 8 + length));
                    _a = Object.entries(header).find(function (_a) {
                        var name = _a[0];
                        return name.startsWith('weights/0000/');
                    }), key = _a[0], entry = _a[1];
                    (0, vitest_1.expect)(key).toMatch(/kernel$/);
                    (0, vitest_1.expect)(entry).toMatchObject({ dtype: 'F32', shape: [36, 8] });
                    start = bytes.byteOffset + 8 + length + entry.data_offsets[0];
                    return [4 /*yield*/, (0, vitest_1.expect)(model.getWeights()[0]).toBeAllClose(new Float32Array(bytes.buffer.slice(start, start + 36 * 8 * 4)))];
                case 2:
                    _b.sent();
                    (0, vitest_1.expect)(bytes.length).toBe(8 + length + Math.max.apply(Math, Object.values(header).map(function (e) { var _a, _b; return (_b = (_a = e.data_offsets) === null || _a === void 0 ? void 0 : _a[1]) !== null && _b !== void 0 ? _b : 0; })));
                    return [2 /*return*/];
            }
        });
    }); });
}, ['cpu']);
(0, vitest_1.it)('gives back every kind of number', function () {
    var state = {
        configuration: { a: [1, 'ü'] },
        progress: { step: 3 },
        weights: [
            { name: 'b', shape: [3], dtype: 'bool', values: Uint8Array.of(1, 0, 1) },
            { name: 'f', shape: [], dtype: 'float32', values: Float32Array.of(Number.NaN) },
            { name: 'i', shape: [2, 1], dtype: 'int32', values: Int32Array.of(-1, Math.pow(2, 31) - 1) },
            { name: 'empty', shape: [0], dtype: 'float32', values: new Float32Array(0) },
        ],
        optimizer: { step: 3, sizes: [1], slots: { velocity: Float32Array.of(-0) } },
    };
    (0, vitest_1.expect)((0, safetensors_ts_1.decodeState)(joined((0, safetensors_ts_1.encodeState)(state)))).toEqual(state);
});
(0, vitest_1.it)('refuses to keep none', function () {
    return (0, test_kit_1.expectNamedError)(function () { return (0, checkpoint_files_ts_1.fileCheckpoints)('x', { keep: 0 }); }, errors_ts_1.TrainerError, 'trainer.fileCheckpoints: keep must be a whole number >= 1, got 0');
});
(0, vitest_1.describe)('a process that is interrupted', function () {
    var start = function (checkpoints, result) {
        return (0, node_child_process_1.spawn)(process.execPath, ['--import', 'tsx', (0, node_path_1.join)(import.meta.dirname, 'train-child.ts'), checkpoints, result], {
            stdio: ['ignore', 'pipe', 'inherit'],
        });
    };
    function toTheEnd(name) {
        return __awaiter(this, void 0, void 0, function () {
            var child, _a, output, code;
            return __generator(this, function (_b) {
                switch (_b.label) {
                    case 0:
                        child = start((0, node_path_1.join)(folder, name), (0, node_path_1.join)(folder, "".concat(name, ".json")));
                        return [4 /*yield*/, Promise.all([(0, consumers_1.text)(child.stdout), (0, node_events_1.once)(child, 'close')])];
                    case 1:
                        _a = _b.sent(), output = _a[0], code = _a[1][0];
                        (0, vitest_1.expect)(code).toBe(0);
                        return [2 /*return*/, { output: output, result: JSON.parse((0, node_fs_1.readFileSync)((0, node_path_1.join)(folder, "".concat(name, ".json")), 'utf8')) }];
                }
            });
        });
    }
    (0, vitest_1.it)('killed 20 times at random instants, it ends with the weights it would have had, bit for bit', function () { return __awaiter(void 0, void 0, void 0, function () {
        var expected, finished, starts, kills, child, line, ended, _a, signal, _b, output, result;
        var _c, _d;
        return __generator(this, function (_e) {
            switch (_e.label) {
                case 0: return [4 /*yield*/, toTheEnd('whole')];
                case 1:
                    expected = (_e.sent()).result;
                    finished = 0;
                    starts = [];
                    kills = 0;
                    _e.label = 2;
                case 2:
                    if (!(kills < 20)) return [3 /*break*/, 7];
                    child = start((0, node_path_1.join)(folder, 'killed'), (0, node_path_1.join)(folder, 'killed.json'));
                    return [4 /*yield*/, (0, node_events_1.once)(child.stdout, 'data')];
                case 3:
                    line = (_e.sent())[0];
                    starts.push(Number((_d = (_c = /started at (\d+)/.exec(String(line))) === null || _c === void 0 ? void 0 : _c[1]) !== null && _d !== void 0 ? _d : Number.NaN));
                    ended = (0, node_events_1.once)(child, 'close');
                    return [4 /*yield*/, new Promise(function (resolve) { return setTimeout(resolve, 15 + Math.random() * 150); })];
                case 4:
                    _e.sent();
                    child.kill('SIGKILL');
                    return [4 /*yield*/, ended];
                case 5:
                    _a = _e.sent(), signal = _a[1];
                    if (signal === 'SIGKILL')
                        kills++;
                    else if (++finished > 0)
                        return [3 /*break*/, 7];
                    _e.label = 6;
                case 6: return [3 /*break*/, 2];
                case 7:
                    // Every start but the first went on from somewhere, and all of them went forward.
                    (0, vitest_1.expect)(starts.every(function (step, i) { return i === 0 || step >= starts[i - 1]; }), "starts ".concat(starts)).toBe(true);
                    (0, vitest_1.expect)(starts.at(-1)).toBeGreaterThan(0);
                    (0, vitest_1.expect)(finished, "it must be killed 20 times before it is done; started at ".concat(starts)).toBe(0);
                    return [4 /*yield*/, toTheEnd('killed')];
                case 8:
                    _b = _e.sent(), output = _b.output, result = _b.result;
                    (0, vitest_1.expect)(output).not.toContain('notice');
                    (0, vitest_1.expect)(result).toEqual(expected);
                    return [2 /*return*/];
            }
        });
    }); }, 300000);
    (0, vitest_1.it)('finishes its batch on Ctrl-C, saves, and exits with 130; SIGTERM with 143', function () { return __awaiter(void 0, void 0, void 0, function () {
        var exits, _i, _a, signal, child, output, _b, _c, _d, whole, _e;
        return __generator(this, function (_f) {
            switch (_f.label) {
                case 0:
                    exits = [];
                    _i = 0, _a = ['SIGINT', 'SIGTERM'];
                    _f.label = 1;
                case 1:
                    if (!(_i < _a.length)) return [3 /*break*/, 6];
                    signal = _a[_i];
                    child = start((0, node_path_1.join)(folder, 'interrupted'), (0, node_path_1.join)(folder, 'interrupted.json'));
                    output = (0, consumers_1.text)(child.stdout);
                    return [4 /*yield*/, (0, node_events_1.once)(child.stdout, 'data')];
                case 2:
                    _f.sent();
                    child.kill(signal);
                    _c = (_b = exits).push;
                    return [4 /*yield*/, (0, node_events_1.once)(child, 'close')];
                case 3:
                    _c.apply(_b, [(_f.sent())[0]]);
                    _d = vitest_1.expect;
                    return [4 /*yield*/, output];
                case 4:
                    _d.apply(void 0, [_f.sent()]).toMatch(/aborted at \d+/);
                    _f.label = 5;
                case 5:
                    _i++;
                    return [3 /*break*/, 1];
                case 6:
                    (0, vitest_1.expect)(exits).toEqual([130, 143]);
                    return [4 /*yield*/, toTheEnd('whole')];
                case 7:
                    whole = _f.sent();
                    _e = vitest_1.expect;
                    return [4 /*yield*/, toTheEnd('interrupted')];
                case 8:
                    _e.apply(void 0, [(_f.sent()).result]).toEqual(whole.result);
                    return [2 /*return*/];
            }
        });
    }); });
});
