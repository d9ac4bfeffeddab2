using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;

namespace PayRecharge.Sandbox;

/// <summary>The page behind the code. It loads no other resource and runs no script; its CSP enforces both.</summary>
internal static class PayPage
{
    private const string Style = """
        :root { color-scheme: light dark; --back: #eef2f0; --card: #fff; --ink: #1c2622; --soft: #66736d; --line: #dfe6e2; --go: #067a45; --stop: #b4472f; }
        @media (prefers-color-scheme: dark) { :root { --back: #111614; --card: #1b2220; --ink: #e9efec; --soft: #97a49e; --line: #2d3733; --go: #3ccf8a; --stop: #e0765e; } }
        * { box-sizing: border-box; margin: 0; }
        body { min-height: 100vh; display: grid; place-items: center; padding: 1.25rem; background: var(--back); color: var(--ink); font: 16px/1.5 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
        main { width: 100%; max-width: 24rem; padding: 2rem 1.75rem; background: var(--card); border-radius: 1.125rem; box-shadow: 0 .5rem 2rem rgb(0 0 0 / .08); text-align: center; }
        .sandbox { display: inline-block; padding: .125rem .75rem; border: 1px solid var(--line); border-radius: 1rem; color: var(--soft); font-size: .8125rem; }
        h1 { margin-top: 1.25rem; font-size: 1.0625rem; font-weight: 500; overflow-wrap: anywhere; }
        .amount { margin: .25rem 0 1rem; font-size: 2.75rem; font-weight: 650; line-height: 1.2; font-variant-numeric: tabular-nums; }
        .amount small { margin-right: .25rem; font-size: 1.5rem; font-weight: 500; }
        .state { font-weight: 600; }
        .paid { color: var(--go); } .closed, .expired, .refunded { color: var(--stop); } .unpaid { color: var(--soft); }
        dl { display: grid; grid-template-columns: auto 1fr; gap: .375rem 1rem; margin: 1.25rem 0; padding: 1rem 0; border-block: 1px solid var(--line); font-size: .8125rem; }
        dt { color: var(--soft); text-align: left; } dd { text-align: right; overflow-wrap: anywhere; }
        button { width: 100%; padding: .875rem; border: 0; border-radius: .75rem; background: #067a45; color: #fff; font: inherit; font-weight: 600; cursor: pointer; }
        button:hover { filter: brightness(1.07); } button:focus-visible { outline: 3px solid var(--ink); outline-offset: 2px; }
        footer { margin-top: 1rem; color: var(--soft); font-size: .75rem; }
        """;

    // Chinese stays readable in the source; HTML's special characters are still encoded.
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    public static string ContentSecurityPolicy { get; } =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; "
        + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    public static string Address(HttpRequest request, Order order) =>
        $"{request.PathBase}{SandboxGateway.BasePath}/orders/{order.Id}";

    public static string Render(Order order, OrderState state, string address) => $"""
        <!DOCTYPE html>
        <html lang="zh-CN">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>沙箱支付 · Sandbox payment</title>
        <style>{Style}</style>
        </head>
        <body>
        <main>
        <p class="sandbox">沙箱，不会真的扣款 · <span lang="en">Sandbox, no money moves</span></p>
        <h1>{Encoder.Encode(order.Terms.Body ?? "订单 · Order")}</h1>
        <p class="amount"><small>¥</small>{Yuan(order.Terms.TotalFee)}</p>
        <p class="state {state.ToString().ToLowerInvariant()}" role="status">{Text(state)}</p>
        <dl>
        <dt>商户单号 · <span lang="en">Order</span></dt><dd>{Encoder.Encode(order.Terms.OutTradeNo)}</dd>
        <dt>平台单号 · <span lang="en">PAYJS</span></dt><dd>{order.Id}</dd>
        <dt>支付方式 · <span lang="en">Method</span></dt><dd>{(order.Terms.Type is null ? "微信 · WeChat" : "支付宝 · Alipay")}</dd>
        </dl>
        {(state == OrderState.Unpaid ? Button(address) : "")}
        <footer>PAYJS 沙箱 · <span lang="en">PAYJS sandbox</span></footer>
        </main>
        </body>
        </html>
        """;

    private static string Button(string address) => $"""
        <form method="post" action="{Encoder.Encode(address)}/pay"><button type="submit">确认支付 · <span lang="en">Pay</span></button></form>
        """;

    private static string Yuan(long fen) => (fen / 100m).ToString("0.00", CultureInfo.InvariantCulture);

    private static string Text(OrderState state) => state switch
    {
        OrderState.Unpaid => "待支付 · Awaiting payment",
        OrderState.Paid => "支付成功 · Paid",
        OrderState.Refunded => "已退款 · Refunded",
        OrderState.Closed => "订单已关闭 · Closed",
        _ => "二维码已过期 · Expired",
    };
}
