// The rules of each subscription. Those of its definition are where it starts; later ones come over
// the wire, and stay.

import type { Directory, Filter, Mailbox, Rule } from '../entities.ts';
import { Failure } from '../failure.ts';
import type { Facts } from '../message.ts';
import type { Store } from '../store.ts';
import { correlates } from './correlation.ts';
import { compileSql } from './sql.ts';

export interface RuleBook {
  /** Any one rule that matches is enough. */
  accepts(subscription: Mailbox, facts: Facts): boolean;
  list(subscription: Mailbox): Rule[];
  add(subscription: Mailbox, rule: Rule): void;
  remove(subscription: Mailbox, name: string): void;
}

const EVERYTHING: Rule = { name: '$Default', filterType: 'SqlFilter', sqlFilter: { sqlExpression: '1=1' } };

type Test = (facts: Facts) => boolean;

export function createRuleBook(store: Store, directory: Directory): RuleBook {
  const tests = new Map<number, Test[]>();
  const list = ({ number }: Mailbox): Rule[] =>
    (
      store.all('SELECT name, filter FROM rules WHERE subscription = ? ORDER BY name', number) as {
        name: string;
        filter: string;
      }[]
    ).map(({ name, filter }) => ({ name, ...(JSON.parse(filter) as Filter) }));
  const load = (subscription: Mailbox): Test[] => {
    const known = list(subscription).map(testOf);
    tests.set(subscription.number, known);
    return known;
  };
  const insert = ({ number }: Mailbox, { name, ...filter }: Rule): boolean =>
    store.run('INSERT OR IGNORE INTO rules VALUES (?, ?, ?)', number, name, JSON.stringify(filter)) === 1;

  for (const { subscriptions } of directory.topics) {
    for (const { mailbox, firstRules = [EVERYTHING] } of subscriptions) {
      firstRules.forEach(testOf); // a definition that is wrong is told at the start
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
      testOf(rule);
      if (!insert(subscription, rule)) {
        throw new Failure(
          'com.microsoft:entity-already-exists',
          `The subscription '${subscription.address}' has a rule '${rule.name}' already.`,
        );
      }
      load(subscription);
    },
    remove(subscription, name) {
      if (
        store.run('DELETE FROM rules WHERE subscription = ? AND name = ?', subscription.number, name) === 0
      ) {
        throw new Failure(
          'amqp:not-found',
          `The messaging entity '${subscription.address}/Rules/${name}' could not be found.`,
        );
      }
      load(subscription);
    },
  };
}

function testOf(rule: Filter): Test {
  if (rule.filterType === 'SqlFilter') return compileSql(rule.sqlFilter.sqlExpression);
  return (facts) => correlates(rule.correlationFilter, facts);
}
