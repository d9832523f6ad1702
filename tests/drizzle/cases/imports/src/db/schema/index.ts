export * from './users';
export type { Id } from './ids';
