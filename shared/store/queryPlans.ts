// The SDK asks for a plan with every query, in case the gateway cannot serve it: two requests for
// one answer. Only a query that sorts or limits over partitions needs one, so only that asks;
// should another be refused all the same, it is asked again with its plan.
import type { Container, CosmosClientOptions, FeedOptions, PluginConfig, SqlQuerySpec } from '@azure/cosmos';

const PLAN_REQUEST_HEADER = 'x-ms-cosmos-is-query-plan-request';

/** One for all: nobody reads where it came from. */
const PLAN_NEEDED = new Error('Cosmos DB wants a plan for a query that was sent without one.');

const planRequestFilter: PluginConfig = {
  on: 'request',
  plugin: (context, _diagnostics, next) =>
    context.headers?.[PLAN_REQUEST_HEADER] === undefined ||
    ('forceQueryPlan' in context.options && context.options.forceQueryPlan)
      ? next(context)
      : Promise.reject(PLAN_NEEDED),
};

/** The SDK's type for its options does not tell of plugins. */
export const withoutUnneededPlans = (
  options: CosmosClientOptions,
): CosmosClientOptions & { plugins: readonly PluginConfig[] } => ({
  ...options,
  plugins: [planRequestFilter],
});

/** Every page of the answer. */
export async function fetchAllPages<T>(
  container: Container,
  spec: SqlQuerySpec,
  options: FeedOptions,
): Promise<T[]> {
  const fetchWith = async (extraOptions: FeedOptions): Promise<T[]> =>
    (await container.items.query<T>(spec, { ...options, ...extraOptions }).fetchAll()).resources;
  // With a plan the SDK no longer keeps to the partition.
  if (options.partitionKey !== undefined) return fetchWith({});
  return fetchWith({}).catch((error: unknown) => {
    if (error === PLAN_NEEDED) return fetchWith({ forceQueryPlan: true });
    throw error;
  });
}
