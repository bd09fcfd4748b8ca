// The starting points of a change feed. The SDK's factory methods have types that do not match the
// SDK's own parameter.

import { ChangeFeedStartFrom, type FeedRange, type PartitionKey } from '@azure/cosmos';

const start = (made: unknown): ChangeFeedStartFrom => made as ChangeFeedStartFrom;

export const startFrom = {
  beginning: (part?: PartitionKey | FeedRange): ChangeFeedStartFrom =>
    start(ChangeFeedStartFrom.Beginning(part)),
  now: (): ChangeFeedStartFrom => start(ChangeFeedStartFrom.Now()),
  time: (date: Date): ChangeFeedStartFrom => start(ChangeFeedStartFrom.Time(date)),
  continuation: (token: string): ChangeFeedStartFrom => start(ChangeFeedStartFrom.Continuation(token)),
};
