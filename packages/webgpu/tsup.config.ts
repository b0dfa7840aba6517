export { default } from '@stridelab/config/tsup';
