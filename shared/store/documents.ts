// What stands in Cosmos DB. Every document carries its type and the version of its schema.
export type * from './documents/alert.ts';
export type * from './documents/alarm.ts';
export type * from './documents/job.ts';
export type * from './documents/news.ts';
export type * from './documents/plan.ts';
export type * from './documents/refusal.ts';
export type * from './documents/registry.ts';
export type * from './documents/schedule.ts';
export { SCHEMA } from './schema.ts';
export { AnswerWord } from './documents/job.ts';
