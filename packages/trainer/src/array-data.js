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
var __await = (this && this.__await) || function (v) { return this instanceof __await ? (this.v = v, this) : new __await(v); }
var __asyncGenerator = (this && this.__asyncGenerator) || function (thisArg, _arguments, generator) {
    if (!Symbol.asyncIterator) throw new TypeError("Symbol.asyncIterator is not defined.");
    var g = generator.apply(thisArg, _arguments || []), i, q = [];
    return i = Object.create((typeof AsyncIterator === "function" ? AsyncIterator : Object).prototype), verb("next"), verb("throw"), verb("return", awaitReturn), i[Symbol.asyncIterator] = function () { return this; }, i;
    function awaitReturn(f) { return function (v) { return Promise.resolve(v).then(f, reject); }; }
    function verb(n, f) { if (g[n]) { i[n] = function (v) { return new Promise(function (a, b) { q.push([n, v, a, b]) > 1 || resume(n, v); }); }; if (f) i[n] = f(i[n]); } }
    function resume(n, v) { try { step(g[n](v)); } catch (e) { settle(q[0][3], e); } }
    function step(r) { r.value instanceof __await ? Promise.resolve(r.value.v).then(fulfill, reject) : settle(q[0][2], r); }
    function fulfill(value) { resume("next", value); }
    function reject(value) { resume("throw", value); }
    function settle(f, v) { if (f(v), q.shift(), q.length) resume(q[0][0], q[0][1]); }
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
exports.arrayData = arrayData;
// Data that lies in memory as it is, for models that are not trained on CIFAR.
var tfjs_core_1 = require("@tensorflow/tfjs-core");
var errors_ts_1 = require("./errors.ts");
var random_ts_1 = require("./random.ts");
var NAME = 'arrayData';
/** Batches of examples in memory. The last batch of an epoch may be smaller. */
function arrayData(options) {
    var images = options.images, labels = options.labels, shape = options.shape, _a = options.batchSize, batchSize = _a === void 0 ? 32 : _a, _b = options.seed, seed = _b === void 0 ? 0 : _b, _c = options.validationSplit, validationSplit = _c === void 0 ? 0 : _c;
    var values = shape.reduce(function (product, side) { return product * side; }, 1);
    (0, errors_ts_1.checkWholeNumber)(NAME, 'batchSize', batchSize, 1);
    (0, errors_ts_1.checkWholeNumber)(NAME, 'seed', seed, 0);
    (0, errors_ts_1.checkNumber)(NAME, 'validationSplit', validationSplit, { most: 1 });
    if (images.length !== labels.length * values) {
        var rule = "images must hold ".concat(labels.length, " examples of shape [").concat(shape.join(', '), "]");
        throw new errors_ts_1.TrainerError(NAME, rule, "".concat(images.length, " values"));
    }
    var order = shuffled(labels.length, "".concat(seed, "/split"));
    var held = Math.round(labels.length * validationSplit);
    var _d = [order.slice(0, held), order.slice(held)], validation = _d[0], training = _d[1];
    if (batchSize > training.length) {
        throw new errors_ts_1.TrainerError(NAME, "batchSize must not exceed the ".concat(training.length, " examples to learn from"), batchSize);
    }
    var batch = function (numbers) {
        var picked = new Float32Array(numbers.length * values);
        numbers.forEach(function (n, i) {
            picked.set(images.subarray(n * values, (n + 1) * values), i * values);
        });
        return { shape: __spreadArray([numbers.length], shape, true), images: picked, labels: numbers.map(function (n) { return labels[n]; }) };
    };
    var inBatches = function (numbers) {
        var length = Math.ceil(numbers.length / batchSize);
        return {
            length: length,
            from: function (index) {
                return __asyncGenerator(this, arguments, function from_1() {
                    var i;
                    return __generator(this, function (_a) {
                        switch (_a.label) {
                            case 0:
                                i = index;
                                _a.label = 1;
                            case 1:
                                if (!(i < length)) return [3 /*break*/, 5];
                                return [4 /*yield*/, __await(batch(numbers.slice(i * batchSize, (i + 1) * batchSize)))];
                            case 2: return [4 /*yield*/, _a.sent()];
                            case 3:
                                _a.sent();
                                _a.label = 4;
                            case 4:
                                i++;
                                return [3 /*break*/, 1];
                            case 5: return [2 /*return*/];
                        }
                    });
                });
            },
        };
    };
    return __assign({ train: function (epoch) { return inBatches(shuffled(training.length, "".concat(seed, "/").concat(epoch)).map(function (i) { return training[i]; })); } }, (held > 0 && { validation: inBatches(validation) }));
}
/** 0 ... count - 1 in an order of its own for each key. */
function shuffled(count, key) {
    return (0, random_ts_1.withRandom)(key, function () { return __spreadArray([], tfjs_core_1.util.createShuffledIndices(count), true); });
}
