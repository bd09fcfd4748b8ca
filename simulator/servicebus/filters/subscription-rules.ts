// The rules of each subscription. A subscription starts with the rules of its definition. Rules
// that clients add later stay.

import type { EntityDirectory, Filter, Mailbox, Rule } from '../entities.ts';
import { BrokerError } from '../broker-error.ts';
import type { MessageFields } from '../message.ts';
import type { BrokerStore } from '../store.ts';
import { matchesCorrelation } from './correlation.ts';
import { compileSql } from './sql.ts';

export interface SubscriptionRules {
  /** Returns true when any one rule matches. */
  accepts(subscription: Mailbox, facts: MessageFields): boolean;
  list(subscription: Mailbox): Rule[];
  add(subscription: Mailbox, rule: Rule): void;
  remove(subscription: Mailbox, name: string): void;
}

const MATCH_ALL_RULE: Rule = {
  name: '$Default',
  filterType: 'SqlFilter',
  sqlFilter: { sqlExpression: '1=1' },
};

type MessageTest = (facts: MessageFields) => boolean;

/** Loads the rules of all subscriptions. Throws when a rule of a definition is wrong. */
export function createSubscriptionRules(store: BrokerStore, directory: EntityDirectory): SubscriptionRules {
  const tests = new Map<number, MessageTest[]>();
  const list = ({ number }: Mailbox): Rule[] =>
    (
      store.all('SELECT name, filter FROM rules WHERE subscription = ? ORDER BY name', number) as {
        name: string;
        filter: string;
      }[]
    ).map(({ name, filter }) => ({ name, ...(JSON.parse(filter) as Filter) }));
  const load = (subscription: Mailbox): MessageTest[] => {
    const known = list(subscription).map(compileRule);
    tests.set(subscription.number, known);
    return known;
  };
  const insert = ({ number }: Mailbox, { name, ...filter }: Rule): boolean =>
    store.run('INSERT OR IGNORE INTO rules VALUES (?, ?, ?)', number, name, JSON.stringify(filter)) === 1;

  for (const { subscriptions } of directory.topics) {
    for (const { mailbox, firstRules = [MATCH_ALL_RULE] } of subscriptions) {
      firstRules.forEach(compileRule); // a wrong definition must fail at the start
      store.transaction(() => {
        if (
          store.run('UPDATE entities SET hasRules = 1 WHERE number = ? AND hasRules = 0', mailbox.number) ===
          1
        )
          firstRules.forEach((rule) => insert(mailbox, rule));
      });
    }
  }

  return {
    accepts: (subscription, facts) =>
      (tests.get(subscription.number) ?? load(subscription)).some((test) => test(facts)),
    list,
    add(subscription, rule) {
      compileRule(rule);
      if (!insert(subscription, rule)) {
        throw new BrokerError(
          'com.microsoft:entity-already-exists',
          `The messaging entity '${subscription.address}/Rules/${rule.name}' already exists.`,
        );
      }
      load(subscription);
    },
    remove(subscription, name) {
      if (
        store.run('DELETE FROM rules WHERE subscription = ? AND name = ?', subscription.number, name) === 0
      ) {
        throw new BrokerError(
          'amqp:not-found',
          `The messaging entity '${subscription.address}/Rules/${name}' could not be found.`,
        );
      }
      load(subscription);
    },
  };
}

function compileRule(rule: Filter): MessageTest {
  if (rule.filterType === 'SqlFilter') return compileSql(rule.sqlFilter.sqlExpression);
  return (facts) => matchesCorrelation(rule.correlationFilter, facts);
}
