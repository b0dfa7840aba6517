"use strict";
// Everything that a training has to say, as one stream: the progress lines, the log and the report all read it.
Object.defineProperty(exports, "__esModule", { value: true });
