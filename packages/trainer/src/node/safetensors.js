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
var __rest = (this && this.__rest) || function (s, e) {
    var t = {};
    for (var p in s) if (Object.prototype.hasOwnProperty.call(s, p) && e.indexOf(p) < 0)
        t[p] = s[p];
    if (s != null && typeof Object.getOwnPropertySymbols === "function")
        for (var i = 0, p = Object.getOwnPropertySymbols(s); i < p.length; i++) {
            if (e.indexOf(p[i]) < 0 && Object.prototype.propertyIsEnumerable.call(s, p[i]))
                t[p[i]] = s[p[i]];
        }
    return t;
};
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
exports.encodeState = encodeState;
exports.decodeState = decodeState;
// A training's state as one file in the safetensors format (https://huggingface.co/docs/safetensors), so that any tool that
// knows it can look inside: eight bytes with the length of a JSON header, the header, the numbers.
var node_crypto_1 = require("node:crypto");
var errors_ts_1 = require("../errors.ts");
var FORMAT = 'stridelab-trainer/1';
var KINDS = { F32: Float32Array, I32: Int32Array, U8: Uint8Array };
/** The file's content, in pieces. */
function encodeState(_a) {
    var configuration = _a.configuration, progress = _a.progress, weights = _a.weights, optimizer = _a.optimizer;
    var entries = {};
    var data = [];
    var offset = 0;
    var add = function (key, shape, values) {
        var dtype = values instanceof Float32Array ? 'F32' : values instanceof Int32Array ? 'I32' : 'U8';
        entries[key] = { dtype: dtype, shape: shape, data_offsets: [offset, offset + values.byteLength] };
        data.push(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
        offset += values.byteLength;
    };
    var description = {
        configuration: configuration,
        progress: progress,
        weights: weights.map(function (_a, i) {
            var name = _a.name, dtype = _a.dtype;
            return ({
                key: "weights/".concat(String(i).padStart(4, '0'), "/").concat(name),
                name: name,
                dtype: dtype,
            });
        }),
        optimizer: { step: optimizer.step, sizes: optimizer.sizes, slots: {} },
    };
    // Four-byte numbers first, so that each of them begins where a reader may map it.
    var order = __spreadArray([], weights.keys(), true).sort(function (a, b) { return Number(bytesEach(weights[b])) - Number(bytesEach(weights[a])); });
    for (var _i = 0, _b = Object.entries(optimizer.slots); _i < _b.length; _i++) {
        var _c = _b[_i], slot = _c[0], values = _c[1];
        description.optimizer.slots[slot] = "optimizer/".concat(slot);
        add("optimizer/".concat(slot), [values.length], values);
    }
    for (var _d = 0, order_1 = order; _d < order_1.length; _d++) {
        var i = order_1[_d];
        add(description.weights[i].key, weights[i].shape, weights[i].values);
    }
    var state = JSON.stringify(description);
    var sha256 = digest(state, entries, data);
    var header = JSON.stringify(__assign({ __metadata__: { format: FORMAT, state: state, sha256: sha256 } }, entries));
    var bytes = Buffer.from(header);
    var padded = Buffer.alloc(Math.ceil(bytes.length / 8) * 8, ' ');
    bytes.copy(padded);
    var length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(padded.length));
    return __spreadArray([length, padded], data, true);
}
/** The state in a file's content. Anything that is not exactly what was written is refused. */
function decodeState(file) {
    var _a;
    var bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
    var end = 8 + (bytes.length >= 8 ? Number(bytes.readBigUInt64LE()) : Number.POSITIVE_INFINITY);
    if (!(end <= bytes.length))
        throw damaged('it must be whole', "".concat(bytes.length, " bytes"));
    var _b = parse(bytes.toString('utf8', 8, end)), metadata = _b.__metadata__, entries = __rest(_b, ["__metadata__"]);
    if ((metadata === null || metadata === void 0 ? void 0 : metadata.format) !== FORMAT)
        throw damaged("its format must be ".concat(FORMAT), metadata === null || metadata === void 0 ? void 0 : metadata.format);
    var data = bytes.subarray(end);
    var found = digest((_a = metadata.state) !== null && _a !== void 0 ? _a : '', entries, [data]);
    if (found !== metadata.sha256)
        throw damaged("its content must have the digest ".concat(metadata.sha256), found);
    var _c = JSON.parse(metadata.state), weights = _c.weights, optimizer = _c.optimizer, description = __rest(_c, ["weights", "optimizer"]);
    var values = function (key) {
        var _a = entries[key], dtype = _a.dtype, offsets = _a.data_offsets;
        var copy = data.buffer.slice(data.byteOffset + offsets[0], data.byteOffset + offsets[1]);
        return new KINDS[dtype](copy);
    };
    return __assign(__assign({}, description), { weights: weights.map(function (_a) {
            var key = _a.key, name = _a.name, dtype = _a.dtype;
            return { name: name, dtype: dtype, shape: entries[key].shape, values: values(key) };
        }), optimizer: __assign(__assign({}, optimizer), { slots: Object.fromEntries(Object.entries(optimizer.slots).map(function (_a) {
                var slot = _a[0], key = _a[1];
                return [slot, values(key)];
            })) }) });
}
function parse(header) {
    try {
        return JSON.parse(header);
    }
    catch (_a) {
        throw damaged('its header must be JSON', header.slice(0, 20));
    }
}
function digest(state, entries, data) {
    var hash = (0, node_crypto_1.createHash)('sha256').update(state).update(JSON.stringify(entries));
    for (var _i = 0, data_1 = data; _i < data_1.length; _i++) {
        var chunk = data_1[_i];
        hash.update(chunk);
    }
    return hash.digest('hex');
}
function bytesEach(_a) {
    var values = _a.values;
    return values.BYTES_PER_ELEMENT;
}
function damaged(rule, got) {
    return new errors_ts_1.CheckpointError('decodeState', rule, got);
}
