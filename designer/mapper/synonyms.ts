/** Names that say the same in retail, each group on a line; without case, blanks and signs. */
const groups: readonly string[] = [
  "zip zipcode postalcode postcode postal",
  "sku productnumber itemnumber articlenumber sellersku productcode partnumber itemcode stockcode merchantsku",
  "quantity qty quantityordered orderedquantity orderquantity orderlinequantity",
  "unitprice price itemprice unitcost priceperunit",
  "gross linetotal itemtotal",
  "externalid id orderid amazonorderid purchaseorderid receiptid",
  "externalnumber name ordernumber orderno number customerorderid legacyorderid",
  "lineid id lineitemid orderitemid linenumber orderlineid transactionid",
  "channelproductid variantid productid asin listingid itemid",
  "orderedat createdat purchasedate orderdate creationdate datecreated created createtimestamp placedat createdtime",
  "updatedat lastupdatedate lastmodifieddate modifiedat datemodified updatetimestamp lastupdatedtime",
  "version updatedat revision lastupdatedate",
  "shippedat shipdate fulfilledat shipmentdate",
  "shipby latestshipdate shipbydate estimatedshipdate",
  "deliverby latestdeliverydate estimateddeliverydate",
  "currency currencycode currencyid ordercurrency",
  "buyercurrency presentmentcurrency",
  "line1 address1 addressline1 street street1 firstline addr1",
  "line2 address2 addressline2 street2 secondline addr2",
  "line3 address3 addressline3 street3 addr3",
  "city town locality",
  "region provincecode province state stateorregion stateorprovince stateprovince county",
  "countrycode country countryiso countryiso2",
  "phone phonenumber telephone tel mobile contactphone",
  "email emailaddress mail buyeremail contactemail customeremailid",
  "company companyname organization organisation",
  "lines lineitems items orderlines orderitems transactions",
  "taxes taxlines",
  "shipping shippinglines",
  "discounts discountallocations",
  "adjustments additionalfees fees",
  "payments transactions paymentlines",
  "shipto shippingaddress shipping deliveryaddress shiptoaddress shippinginfo postaladdress",
  "billto billingaddress billing invoiceaddress",
  "buyer customer buyerinfo purchaser",
  "totals total",
  "grand totalprice total grandtotal ordertotal totalamount",
  "gross totallineitemsprice subtotal subtotalprice itemstotal",
  "discount totaldiscounts discounttotal discountamount",
  "tax totaltax taxtotal taxamount",
  "amount price value amountpaid",
  "rate taxrate",
  "purchaseorder ponumber purchaseordernumber customerpo",
  "paymentstatus financialstatus",
  "status orderstatus state",
  "marketplace sourcename saleschannel marketplaceid",
  "channel source",
  "carrier trackingcompany carriername carriercode",
  "trackingnumber trackingno tracking",
  "servicelevel shipservicelevel shippingmethod shippingservice",
  "title name description productname itemname",
  "priceTaxMode taxesincluded",
  "taxid vatnumber taxnumber vatid",
];

/** A name without what writers differ in. */
export const plainName = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");

const byName = new Map<string, Set<number>>();
for (const [group, names] of groups.entries())
  for (const name of names.split(" ")) byName.set(plainName(name), new Set([...(byName.get(plainName(name)) ?? []), group]));

const none: ReadonlySet<number> = new Set();

/** The groups that a name is in. */
export const groupsOf = (name: string): ReadonlySet<number> => byName.get(plainName(name)) ?? none;

/** The words of a name: `shipping_address` and `shippingAddress` have the same. */
export const wordsOf = (name: string): string[] =>
  name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
