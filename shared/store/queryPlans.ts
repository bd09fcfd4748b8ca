// Saves query plan requests. The SDK requests a plan for every query across partitions: two
// requests for one answer. Only a query that sorts or limits across partitions needs a plan. When
// the gateway refuses another query without a plan, the query runs again with one.
import type { Container, CosmosClientOptions, FeedOptions, PluginConfig, SqlQuerySpec } from '@azure/cosmos';

const PLAN_REQUEST_HEADER = 'x-ms-cosmos-is-query-plan-request';

/** One shared error object is enough, because nobody reads its stack. */
const PLAN_NEEDED = new Error('Cosmos DB needs a plan for a query that the SDK sent without one.');

const planRequestFilter: PluginConfig = {
  on: 'request',
  plugin: (context, _diagnostics, next) =>
    context.headers?.[PLAN_REQUEST_HEADER] === undefined ||
    ('forceQueryPlan' in context.options && context.options.forceQueryPlan)
      ? next(context)
      : Promise.reject(PLAN_NEEDED),
};

/**
 * Adds the plugin that blocks unneeded plan requests. The SDK's options type has no field for
 * plugins.
 */
export const withoutUnneededPlans = (
  options: CosmosClientOptions,
): CosmosClientOptions & { plugins: readonly PluginConfig[] } => ({
  ...options,
  plugins: [planRequestFilter],
});

/** Returns the results of all pages. */
export async function fetchAllPages<T>(
  container: Container,
  spec: SqlQuerySpec,
  options: FeedOptions,
): Promise<T[]> {
  const fetchWith = async (extraOptions: FeedOptions): Promise<T[]> =>
    (await container.items.query<T>(spec, { ...options, ...extraOptions }).fetchAll()).resources;
  // With a plan the SDK would ignore the partition.
  if (options.partitionKey !== undefined) return fetchWith({});
  return fetchWith({}).catch((error: unknown) => {
    if (error === PLAN_NEEDED) return fetchWith({ forceQueryPlan: true });
    throw error;
  });
}
