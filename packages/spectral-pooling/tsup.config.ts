export { apart as default } from '@stridelab/config/tsup';
