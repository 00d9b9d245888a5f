export { openWarehouse, type WarehouseOptions } from './warehouse.ts';
