// Where a change feed begins. The SDK types what it makes for this as classes that are not of the
// class it asks for.

import { ChangeFeedStartFrom, type FeedRange, type PartitionKey } from '@azure/cosmos';

const start = (made: unknown): ChangeFeedStartFrom => made as ChangeFeedStartFrom;

export const startFrom = {
  beginning: (part?: PartitionKey | FeedRange): ChangeFeedStartFrom =>
    start(ChangeFeedStartFrom.Beginning(part)),
  now: (): ChangeFeedStartFrom => start(ChangeFeedStartFrom.Now()),
  time: (date: Date): ChangeFeedStartFrom => start(ChangeFeedStartFrom.Time(date)),
  continuation: (token: string): ChangeFeedStartFrom => start(ChangeFeedStartFrom.Continuation(token)),
};
