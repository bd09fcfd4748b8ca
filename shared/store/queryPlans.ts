// The SDK asks for a plan with every query, in case the gateway cannot serve it: two requests for
// one answer. Only a query that sorts or limits over partitions needs one, so only that asks;
// should another be refused all the same, it is asked again with its plan.
import type { Container, CosmosClientOptions, FeedOptions, PluginConfig, SqlQuerySpec } from '@azure/cosmos';

const IS_PLAN = 'x-ms-cosmos-is-query-plan-request';

/** One for all: nobody reads where it came from. */
const NO_PLAN = new Error('Cosmos DB wants a plan for a query that was sent without one.');

const plansWhenWanted: PluginConfig = {
  on: 'request',
  plugin: (context, _diagnostics, next) =>
    context.headers?.[IS_PLAN] === undefined ||
    ('forceQueryPlan' in context.options && context.options.forceQueryPlan)
      ? next(context)
      : Promise.reject(NO_PLAN),
};

/** The SDK's type for its options does not tell of plugins. */
export const withoutNeedlessPlans = (
  options: CosmosClientOptions,
): CosmosClientOptions & { plugins: readonly PluginConfig[] } => ({ ...options, plugins: [plansWhenWanted] });

/** Every page of the answer. */
export async function allOf<T>(container: Container, spec: SqlQuerySpec, options: FeedOptions): Promise<T[]> {
  const found = async (more: FeedOptions): Promise<T[]> =>
    (await container.items.query<T>(spec, { ...options, ...more }).fetchAll()).resources;
  // With a plan the SDK no longer keeps to the partition.
  if (options.partitionKey !== undefined) return found({});
  return found({}).catch((error: unknown) => {
    if (error === NO_PLAN) return found({ forceQueryPlan: true });
    throw error;
  });
}
