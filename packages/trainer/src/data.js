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
exports.toDevice = toDevice;
exports.largest = largest;
// What a training reads: any source of batches that can begin an epoch anew and go on in the middle of one. The batches of
// @stridelab/cifar-data are such a source as they are, on the host or on the device.
var tfjs_core_1 = require("@tensorflow/tfjs-core");
var errors_ts_1 = require("./errors.ts");
/** Brings a batch to the device, having found out that the model can learn from it. */
function toDevice(operation, batch, example, classes) {
    var _a;
    var shape = batch.images instanceof tfjs_core_1.Tensor ? batch.images.shape : batch.shape;
    var fits = (shape === null || shape === void 0 ? void 0 : shape.length) === example.length + 1 && example.every(function (side, i) { return side === null || side === shape[i + 1]; });
    if (!fits) {
        var wanted = __spreadArray(['size'], example.map(function (side) { return side !== null && side !== void 0 ? side : 'any'; }), true).join(', ');
        throw new errors_ts_1.TrainerError(operation, "images must have the shape (".concat(wanted, ") that the model takes"), shape);
    }
    var size = shape[0];
    var given = batch.labels instanceof tfjs_core_1.Tensor ? { labels: batch.labels } : undefined;
    if (given && given.labels.shape.join() !== [size, classes].join()) {
        throw new errors_ts_1.TrainerError(operation, "labels must have the shape (".concat(size, ", ").concat(classes, ")"), given.labels.shape);
    }
    if (!given)
        for (var _i = 0, _b = [batch.labels, batch.partnerLabels]; _i < _b.length; _i++) {
            var labels = _b[_i];
            checkLabels(operation, labels, size, classes);
        }
    var images = batch.images instanceof tfjs_core_1.Tensor ? batch.images : (0, tfjs_core_1.tensor)(batch.images, __spreadArray([], shape, true));
    var targets = (_a = given === null || given === void 0 ? void 0 : given.labels) !== null && _a !== void 0 ? _a : (0, tfjs_core_1.tensor)(distributions(batch, size, classes), [size, classes]);
    return {
        size: size,
        images: images,
        targets: targets,
        classes: given ? largestOfRows(given.labels, classes) : Promise.resolve(leadingLabels(batch)),
        dispose: function () {
            var _a;
            if (images !== batch.images)
                images.dispose();
            if (targets !== batch.labels)
                targets.dispose();
            (_a = batch.dispose) === null || _a === void 0 ? void 0 : _a.call(batch);
        },
    };
}
function checkLabels(operation, labels, size, classes) {
    if (labels === undefined || labels instanceof tfjs_core_1.Tensor)
        return;
    if (labels.length !== size)
        throw new errors_ts_1.TrainerError(operation, "there must be ".concat(size, " labels"), labels.length);
    for (var i = 0; i < size; i++) {
        var label = labels[i];
        if (Number.isInteger(label) && label >= 0 && label < classes)
            continue;
        throw new errors_ts_1.TrainerError(operation, "labels must be whole numbers in [0, ".concat(classes, ")"), label);
    }
}
function distributions(_a, size, classes) {
    var _b;
    var labels = _a.labels, partnerLabels = _a.partnerLabels, weights = _a.weights;
    var rows = new Float32Array(size * classes);
    for (var i = 0; i < size; i++) {
        var weight = partnerLabels ? ((_b = weights === null || weights === void 0 ? void 0 : weights[i]) !== null && _b !== void 0 ? _b : 0.5) : 1;
        rows[i * classes + labels[i]] = weight;
        if (partnerLabels)
            rows[i * classes + partnerLabels[i]] += 1 - weight;
    }
    return rows;
}
function leadingLabels(_a) {
    var labels = _a.labels, partnerLabels = _a.partnerLabels, weights = _a.weights;
    var own = labels;
    if (!partnerLabels)
        return own;
    return Array.from(own, function (label, i) { var _a; return (((_a = weights === null || weights === void 0 ? void 0 : weights[i]) !== null && _a !== void 0 ? _a : 0.5) >= 0.5 ? label : partnerLabels[i]); });
}
function largestOfRows(rows, classes) {
    return __awaiter(this, void 0, void 0, function () {
        var _a;
        return __generator(this, function (_b) {
            switch (_b.label) {
                case 0:
                    _a = largest;
                    return [4 /*yield*/, rows.data()];
                case 1: return [2 /*return*/, _a.apply(void 0, [_b.sent(), classes])];
            }
        });
    });
}
/** The number of the largest value in each row. */
function largest(values, columns) {
    return Array.from({ length: values.length / columns }, function (_, row) {
        var best = 0;
        for (var i = 1; i < columns; i++)
            if (values[row * columns + i] > values[row * columns + best])
                best = i;
        return best;
    });
}
