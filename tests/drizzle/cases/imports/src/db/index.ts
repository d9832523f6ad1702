export * from './schema/index.js';
export { teams as groups } from '@tables/teams';
export * as everything from './schema';
export { default } from './schema/defaults';
