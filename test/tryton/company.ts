import type { Tryton } from "./server.ts";

/** The connection's settings for charges, and the codes of their products. */
export const charges = {
  fallbackItem: "NO-SKU",
  taxItem: "TAX",
  marketplaceTaxItem: "MARKETPLACE-TAX",
  shippingItem: "SHIPPING",
  discountItem: "DISCOUNT",
  adjustmentItem: "ADJUSTMENT",
  giftCardItem: "GIFT-CARD",
};

const decimal = (text: string) => ({ __class__: "Decimal", decimal: text });

/** Makes a company that sells in dollars, its customer and products; answers the ids that a connection needs. */
export async function makeCompany({ call }: Tryton, skus: string[]): Promise<Record<string, number>> {
  const create = async (model: string, values: object, context: object): Promise<number> => {
    const [id] = (await call(`model.${model}.create`, [values], context)) as number[];
    if (id === undefined) throw new Error(`Tryton made no ${model}.`);
    return id;
  };
  const rates = [["create", [{ date: { __class__: "date", year: 2020, month: 1, day: 1 }, rate: decimal("1") }]]];
  const dollar = { name: "US dollar", symbol: "$", code: "USD", rounding: decimal("0.01"), digits: 2, rates };
  const currencyId = await create("currency.currency", dollar, {});
  const seller = await create("party.party", { name: "Northwind Outdoor", addresses: [["create", [{}]]] }, {});
  const companyId = await create("company.company", { party: seller, currency: currencyId }, {});
  const [admin] = (await call("model.res.user.search", [["login", "=", "admin"]], 0, null, null, {})) as number[];
  await call("model.res.user.write", [admin], { companies: [["add", [companyId]]], company: companyId }, {});
  const context = { company: companyId };
  const partyId = await create("party.party", { name: "Online shop", addresses: [["create", [{ street: "Web" }]]] }, context);
  const [{ addresses }] = (await call("model.party.party.read", [partyId], ["addresses"], context)) as [{ addresses: number[] }];
  const [unit] = (await call("model.product.uom.search", [["symbol", "=", "u"]], 0, 1, null, context)) as number[];
  const codes = [...new Set([...skus, ...Object.values(charges)])];
  const templates = codes.map((code) => ({
    name: code,
    default_uom: unit,
    sale_uom: unit,
    type: "goods",
    salable: true,
    list_price: decimal("0"),
    products: [["create", [{ suffix_code: code }]]],
  }));
  await call("model.product.template.create", templates, context);
  const [warehouse] = (await call("model.stock.location.search", [["type", "=", "warehouse"]], 0, 1, null, context)) as number[];
  return { companyId, partyId, currencyId, addressId: addresses[0] ?? 0, warehouseLocationId: warehouse ?? 0 };
}

/** A sale as Tryton has it. */
export interface Sale {
  reference: string;
  state: string;
  untaxed_amount: { decimal: string };
}

/** Every sale there is, from Tryton itself. */
export const salesOf = async ({ call }: Tryton, companyId: number): Promise<Sale[]> =>
  (await call("model.sale.sale.search_read", [], 0, null, null, ["reference", "state", "untaxed_amount"], {
    company: companyId,
  })) as Sale[];
