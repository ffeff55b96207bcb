import { describeStoreCompliance } from '../../testing/store-compliance.ts';
import { memoryStore } from './memory-store.ts';

describeStoreCompliance('memory', async () => ({
  open: memoryStore,
  persistent: false,
  constrained: false,
  dispose: async () => {},
}));
