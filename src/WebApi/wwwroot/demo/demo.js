// A client of the legacy endpoint, and no more: what this page knows, it has from plugin.php's replies.

const plugin = "/plugin.php?id=xinxiu_network_plugin:payjs";
const pollEvery = 1000;
const waiting = "等待支付 · Waiting for payment";

const meanings = {
  error01: ["插件已关闭", "The plugin is switched off"],
  error02: ["传输密钥错误", "The transport key is wrong"],
  error05: ["令牌错误，或已被新的登录替换", "The token is unknown or was replaced by a newer login"],
  error06: ["缺少必填参数", "A required parameter is missing"],
  error010: ["接口不存在", "There is no such action"],
  error013: ["令牌已过期", "The token has expired"],
  error0020: ["服务器出错，或支付平台没有可信的回复", "Something went wrong on the server, or the gateway gave no answer to trust"],
  error00112: ["用户不存在或未激活", "The user does not exist or is not activated"],
  error00114: ["账号已停用", "The account is disabled"],
  error00712: ["金额无效、超出限额，或买不到任何东西", "The amount is invalid, outside the limits, or buys nothing"],
  error00713: ["支付未配置或已关闭", "Payment is not configured or switched off"],
  error0055: ["永久账号无需充值时间", "A permanent account needs no card time"],
  error0111: ["接口已关闭", "This action is closed"],
  error0112: ["IP 已被禁止", "This address is barred"],
  error0124: ["调用过于频繁", "Too many calls"],
  error0126: ["没有这条卡密规则", "There is no such card key rule"],
  error0127: ["参数无效，或该积分不出售", "A parameter is invalid, or these credits are not for sale"],
  error0128: ["订单不存在", "There is no such order"],
};

const $ = (id) => document.getElementById(id);
const form = $("shop");
const fields = form.elements;
let current = null;

/** A failure that its reader can do something with: the headline in both languages, and details. */
class Failure extends Error {
  constructor(headline, more = "") {
    super(headline);
    this.more = more;
  }
}

/** Calls an action, shows the call in a panel, and gives the reply's data. */
async function call(panel, action, parameters = {}) {
  const named = { action, key: fields.key.value, ...parameters, ...(fields.xml.checked ? { output: "xml" } : {}) };
  const url = plugin + Object.entries(named).filter(([, value]) => value !== "").map(([name, value]) => `&${name}=${encodeURIComponent(value)}`).join("");
  $(panel).hidden = false;
  $(panel).querySelector("[data-url]").textContent = location.origin + url;
  let text;
  try {
    text = await (await fetch(url, { cache: "no-store" })).text();
  } catch {
    throw new Failure("连不上服务器 · The server cannot be reached");
  }
  $(panel).querySelector("[data-reply]").textContent = text;
  let reply;
  try {
    reply = text.startsWith("<") ? fromXml(text) : JSON.parse(text);
  } catch {
    throw new Failure("看不懂的回复 · The reply cannot be read");
  }
  if (Number(reply.code) === 200) return reply.data;
  const [name, parameter] = String(reply.result).split(":");
  const [chinese, english] = meanings[name] ?? ["未知错误", "Unknown error"];
  throw new Failure(`${chinese} · ${english}`, `${reply.code} ${name}${parameter ? ` : ${parameter}` : ""}`);
}

/** The XML form of a reply as the JSON form would read; every value is text. */
function fromXml(text) {
  const read = (element) => element.children.length === 0
    ? element.textContent
    : Object.fromEntries([...element.children].map((child) => [child.getAttribute("id") ?? child.tagName, read(child)]));
  const xml = new DOMParser().parseFromString(text, "application/xml");
  if (xml.querySelector("parsererror")) throw new SyntaxError("not XML");
  return read(xml.documentElement);
}

function element(name, text = "", properties = {}) {
  const made = Object.assign(document.createElement(name), properties);
  made.textContent = text;
  return made;
}

/** Where the gateway's own address is one this browser may not reach: the sandbox runs on this page's server. */
function here(address) {
  const { pathname, search } = new URL(address, location.href);
  return pathname.startsWith("/sandbox/") ? pathname + search : address;
}

function show(state, headline, more = "") {
  $("order").dataset.state = state;
  // Said again every second, a screen reader would never be silent.
  if ($("status-text").textContent !== headline) $("status-text").textContent = headline;
  if ($("status-more").textContent !== more) $("status-more").textContent = more;
  $("waiting").hidden = state !== "waiting";
  $("paid").hidden = state !== "paid";
  $("facts").hidden = state !== "waiting" && state !== "paid";
}

async function loadRules() {
  const list = $("rules");
  try {
    const rules = Object.entries(await call("call-list", "payjs_kamis_list"));
    list.replaceChildren(...rules.map(ruleOf));
    if (rules.length === 0) list.append(element("p", "还没有卡密规则 · There is no rule yet", { className: "soft" }));
    const first = list.querySelector("input");
    if (first) first.checked = true;
  } catch (failure) {
    list.replaceChildren(element("p", `${failure.message} ${failure.more ?? ""}`, { className: "notice bad" }));
  }
  list.removeAttribute("aria-busy");
}

function ruleOf([id, rule]) {
  const label = element("label");
  const face = element("span");
  const parts = element("ul");
  for (const [name, value] of [["积分 Credits", rule.credits], ["交易 Trade", rule.jiaoyi], ["秒 Seconds", rule.times], ["多开 Devices", rule.inttoken]]) {
    const part = element("li", "");
    part.append(element("span", name), element("span", value));
    parts.append(part);
  }
  face.append(element("b", `¥${rule.price}`), parts);
  label.append(element("input", "", { type: "radio", name: "list_id", value: id }), face);
  return label;
}

function purchase() {
  const common = { username: fields.username.value, body: fields.body.value, attach: fields.attach.value, type: fields.type.value };
  switch (fields.kind.value) {
    case "credit": return ["payjs_credit", { money: fields.creditMoney.value, credits: fields.credits.value, ...common }];
    case "cardtime": return ["payjs_cardtime", { money: fields.timeMoney.value, ...common }];
    default: return ["payjs_kamis", { list_id: form.querySelector("[name=list_id]:checked")?.value ?? "", ...common }];
  }
}

async function buy(event) {
  event.preventDefault();
  current = null;
  $("buy").disabled = true;
  $("call-check").hidden = true;
  show("idle", "正在下单… · Ordering…");
  try {
    const placed = await call("call-order", ...purchase());
    if (Number(placed.return_code) !== 1) throw new Failure("支付平台拒绝了订单 · The gateway refused the order", placed.return_msg);
    begin(placed);
  } catch (failure) {
    show("failed", failure.message, failure.more);
  } finally {
    $("buy").disabled = false;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    $("order").scrollIntoView({ behavior: still ? "auto" : "smooth", block: "nearest" });
  }
}

function begin(placed) {
  const order = current = {
    id: placed.payjs_order_id,
    hint: "每秒查询一次，付款后自动更新。Checked every second; this changes by itself once it is paid.",
  };
  $("qr").src = here(placed.qrcode);
  $("amount").textContent = (Number(placed.total_fee) / 100).toFixed(2);
  $("pay-page").href = here(placed.code_url);
  $("pay").disabled = false;
  $("fact-number").textContent = placed.out_trade_no;
  $("fact-id").textContent = order.id;
  $("fact-status").textContent = "1（未支付 unpaid）";
  $("fact-nums").textContent = "0";
  show("waiting", waiting, order.hint);
  watch(order);
}

async function watch(order) {
  while (current === order) {
    try {
      const seen = await call("call-check", "payjs_check", { payjs_order_id: order.id });
      if (current !== order) return;
      $("fact-nums").textContent = seen.nums;
      if (seen.status === "2") {
        celebrate(seen);
        return;
      }
      show("waiting", waiting, order.hint);
    } catch (failure) {
      if (current !== order) return;
      show("waiting", failure.message, failure.more);
    }
    await new Promise((resolve) => { setTimeout(resolve, pollEvery); });
  }
}

function celebrate(seen) {
  $("fact-status").textContent = "1 → 2（已支付 paid）";
  const goods = $("goods");
  if (seen.kami) {
    const kami = element("code", seen.kami, { className: "kami", id: "kami" });
    const copy = element("button", "复制卡密 · Copy", { className: "copy", type: "button" });
    copy.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(seen.kami);
        copy.textContent = "已复制 · Copied";
      } catch {
        // Away from localhost a page without TLS has no clipboard.
        getSelection().selectAllChildren(kami);
      }
    });
    goods.replaceChildren(element("p", "你的卡密 · Your card key"), kami, copy);
  } else if (seen.pay_type === "1") {
    goods.replaceChildren(element("p", `积分${seen.creditskey} +${seen.creditsval} · Credits of type ${seen.creditskey}: +${seen.creditsval}`));
  } else {
    goods.replaceChildren(element("p", `卡号时间 +${seen.signtime} 秒 · Card time: +${seen.signtime} seconds`));
  }
  show("paid", "已支付 · Paid", `¥${seen.price}，已到账。Delivered.`);
}

async function pay() {
  const order = current;
  $("pay").disabled = true;
  try {
    const reply = await fetch(`/sandbox/payjs/orders/${encodeURIComponent(order.id)}/pay`, { method: "POST", headers: { Accept: "application/json" } });
    if (!reply.ok) throw new Failure(`${reply.status}`);
    order.hint = "已付款，等平台通知。Paid; waiting for the gateway's notification.";
  } catch {
    if (current === order) $("pay").disabled = false;
    order.hint = "付款没有成功：订单已关闭、已过期，或服务器重启过。Not paid: the order is closed or expired, or the server was restarted.";
  }
  if (current === order && $("order").dataset.state === "waiting") show("waiting", waiting, order.hint);
}

function showKind() {
  for (const panel of form.querySelectorAll("[data-kind]")) panel.hidden = panel.dataset.kind !== fields.kind.value;
}

form.addEventListener("submit", buy);
form.addEventListener("change", showKind);
$("pay").addEventListener("click", pay);
showKind();
loadRules();
