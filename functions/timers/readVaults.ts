// Each minute: what is replicated in the vaults we were told of, and how it stands.
import { app } from '@azure/functions';
import { readVaults } from '../../shared/replications/registerVms.ts';

app.timer('readVaults', { schedule: '30 * * * * *', handler: () => readVaults() });
