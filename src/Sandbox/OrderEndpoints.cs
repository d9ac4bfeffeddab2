using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace PayRecharge.Sandbox;

/// <summary>The payer's side: the page behind the code and its one button. For tests, also the orders and their state.</summary>
internal static class OrderEndpoints
{
    private const int Listed = 100;

    public static void MapPages(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/p/{code}", (string code, HttpContext context, OrderBook orders, TimeProvider clock) =>
            orders.FindByCode(code) is { } order ? Page(context, order, clock, StatusCodes.Status200OK) : Results.NotFound());

    public static void MapOrders(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/orders", (OrderBook orders, TimeProvider clock) =>
            Results.Json(orders.Newest(Listed).Select(order => OrderView.Of(order, clock.GetUtcNow())), OrderView.Json));

        endpoints.MapGet("/orders/{id}", (string id, HttpContext context, OrderBook orders, TimeProvider clock) =>
            orders.Find(id) is { } order ? Page(context, order, clock, StatusCodes.Status200OK) : Results.NotFound());

        endpoints.MapPost("/orders/{id}/pay", (string id, HttpContext context, OrderBook orders, Notifier notifier, TimeProvider clock) =>
            orders.Find(id) is { } order ? Pay(context, order, notifier, clock) : Results.NotFound());

        endpoints.MapPost("/orders/{id}/notify", async (string id, OrderBook orders, Notifier notifier, TimeProvider clock) =>
        {
            if (orders.Find(id) is not { } order)
                return Results.NotFound();
            if (order is not { Payment: { } payment, Terms.NotifyUrl: not null })
                return Results.Problem("The order is not paid or has no notify_url.", statusCode: StatusCodes.Status409Conflict);

            await notifier.ResendAsync(order, payment);
            return Json(order, clock, StatusCodes.Status200OK);
        });
    }

    private static IResult Pay(HttpContext context, Order order, Notifier notifier, TimeProvider clock)
    {
        var found = order.Pay(clock.GetUtcNow());
        if (found == OrderState.Unpaid)
            notifier.Begin(order, order.Payment!);

        var isPaid = found is OrderState.Unpaid or OrderState.Paid;
        var status = isPaid ? StatusCodes.Status200OK : StatusCodes.Status409Conflict;
        if (!context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase))
            return Json(order, clock, status);
        if (!isPaid)
            return Page(context, order, clock, status);

        // 303, so that reloading the page afterwards does not post again.
        context.Response.Headers.Location = PayPage.Address(context.Request, order);
        return Results.StatusCode(StatusCodes.Status303SeeOther);
    }

    private static IResult Json(Order order, TimeProvider clock, int status) =>
        Results.Json(OrderView.Of(order, clock.GetUtcNow()), OrderView.Json, statusCode: status);

    private static IResult Page(HttpContext context, Order order, TimeProvider clock, int status)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = PayPage.ContentSecurityPolicy;
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        return Results.Content(
            PayPage.Render(order, order.StateAt(clock.GetUtcNow()), PayPage.Address(context.Request, order)),
            "text/html; charset=utf-8", statusCode: status);
    }
}
