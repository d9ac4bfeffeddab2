using MediatR;
using Microsoft.AspNetCore.Mvc;
using PayRecharge.Application.Orders;

namespace PayRecharge.WebApi.Admin;

/// <summary>Orders.</summary>
[Route("api/admin/orders")]
public sealed class OrdersController(IMediator mediator) : AdminController
{
    /// <summary>An admin's confirmation of a payment.</summary>
    /// <param name="Reason">How the admin knows; stored as evidence.</param>
    /// <param name="GatewayOrderId">The gateway's id of the order; required if it is not stored yet.</param>
    public sealed record Word(string Reason, string? GatewayOrderId = null);

    /// <summary>A refund request.</summary>
    /// <param name="Reason">Why; stored.</param>
    public sealed record RefundRequest(string Reason);

    /// <summary>Why an order no longer needs attention.</summary>
    /// <param name="Reason">What was done; stored.</param>
    public sealed record Dismissal(string Reason);

    /// <summary>Lists orders, newest first, 100 at most. All given conditions must hold.</summary>
    [HttpGet]
    public Task<IReadOnlyList<OrderRecord>> List([FromQuery] ListOrders filter, CancellationToken cancellationToken) => mediator.Send(filter, cancellationToken);

    /// <summary>Reads an order.</summary>
    [HttpGet("{id:long}")]
    [ProducesResponseType<ProblemDetails>(StatusCodes.Status404NotFound, "application/problem+json")]
    public Task<OrderRecord> Read(long id, CancellationToken cancellationToken) => mediator.Send(new ReadOrder(id), cancellationToken);

    /// <summary>Queries the gateway now, and delivers if the order is paid.</summary>
    [HttpPost("{id:long}/reconcile")]
    [ProducesResponseType<ProblemDetails>(StatusCodes.Status404NotFound, "application/problem+json")]
    [ProducesResponseType<ProblemDetails>(StatusCodes.Status502BadGateway, "application/problem+json")]
    public Task<OrderRecord> Reconcile(long id, CancellationToken cancellationToken) => mediator.Send(new ReconcileOrder(id), cancellationToken);

    /// <summary>Delivers a paid order whose delivery failed before, as when the account was missing or full.</summary>
    [HttpPost("{id:long}/redeliver")]
    [ProducesResponseType<ProblemDetails>(StatusCodes.Status404NotFound, "application/problem+json")]
    public Task<OrderRecord> Redeliver(long id, CancellationToken cancellationToken) => mediator.Send(new RedeliverOrder(id), cancellationToken);

    /// <summary>Marks an order as paid without a query, and delivers. First query the gateway with <c>reconcile</c>.</summary>
    [HttpPost("{id:long}/confirm")]
    [ProducesResponseType<ValidationProblemDetails>(StatusCodes.Status400BadRequest, "application/problem+json")]
    [ProducesResponseType<ProblemDetails>(StatusCodes.Status404NotFound, "application/problem+json")]
    [ProducesResponseType<ProblemDetails>(StatusCodes.Status409Conflict, "application/problem+json")]
    public Task<OrderRecord> Confirm(long id, Word word, CancellationToken cancellationToken) =>
        mediator.Send(new ConfirmOrder(id, word.Reason, word.GatewayOrderId), cancellationToken);

    /// <summary>
    /// Refunds the whole amount and takes back the delivered goods, as far as they are still there; <c>attention</c> lists the rest.
    /// After a 502 the outcome is unknown: repeat the call, the money goes back once. 409 while another call requests the same refund.
    /// </summary>
    [HttpPost("{id:long}/refund")]
    [ProducesResponseType<ValidationProblemDetails>(StatusCodes.Status400BadRequest, "application/problem+json")]
    [ProducesResponseType<ProblemDetails>(StatusCodes.Status404NotFound, "application/problem+json")]
    [ProducesResponseType<ProblemDetails>(StatusCodes.Status409Conflict, "application/problem+json")]
    [ProducesResponseType<ProblemDetails>(StatusCodes.Status502BadGateway, "application/problem+json")]
    public Task<OrderRecord> Refund(long id, RefundRequest refund, CancellationToken cancellationToken) =>
        mediator.Send(new RefundOrder(id, refund.Reason), cancellationToken);

    /// <summary>
    /// Clears the order's <c>attention</c>. 409 if the order is paid but not delivered, or if the outcome of a refund is unknown.
    /// </summary>
    [HttpPost("{id:long}/dismiss")]
    [ProducesResponseType<ValidationProblemDetails>(StatusCodes.Status400BadRequest, "application/problem+json")]
    [ProducesResponseType<ProblemDetails>(StatusCodes.Status404NotFound, "application/problem+json")]
    [ProducesResponseType<ProblemDetails>(StatusCodes.Status409Conflict, "application/problem+json")]
    public Task<OrderRecord> Dismiss(long id, Dismissal dismissal, CancellationToken cancellationToken) =>
        mediator.Send(new DismissAttention(id, dismissal.Reason), cancellationToken);

    /// <summary>Closes an unpaid order, first at the gateway.</summary>
    [HttpPost("{id:long}/close")]
    [ProducesResponseType<ProblemDetails>(StatusCodes.Status404NotFound, "application/problem+json")]
    [ProducesResponseType<ProblemDetails>(StatusCodes.Status502BadGateway, "application/problem+json")]
    public Task<OrderRecord> Close(long id, CancellationToken cancellationToken) => mediator.Send(new CloseOrder(id), cancellationToken);
}
