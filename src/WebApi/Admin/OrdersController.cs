using MediatR;
using Microsoft.AspNetCore.Mvc;
using PayRecharge.Application.Orders;

namespace PayRecharge.WebApi.Admin;

/// <summary>Orders.</summary>
[Route("api/admin/orders")]
public sealed class OrdersController(IMediator mediator) : AdminController
{
    /// <summary>An admin's word that an order is paid.</summary>
    /// <param name="Reason">How the admin knows; kept as evidence.</param>
    /// <param name="GatewayOrderId">The gateway's id of the order; needed where it is not known here.</param>
    public sealed record Word(string Reason, string? GatewayOrderId = null);

    /// <summary>A refund to make.</summary>
    /// <param name="Reason">Why; kept.</param>
    public sealed record RefundRequest(string Reason);

    /// <summary>Why an order needs no attention any more.</summary>
    /// <param name="Reason">What was seen to; kept.</param>
    public sealed record Dismissal(string Reason);

    /// <summary>Lists orders, newest first, 100 at most. Each condition that is given must hold.</summary>
    [HttpGet]
    public Task<IReadOnlyList<OrderRecord>> List([FromQuery] ListOrders filter, CancellationToken cancellationToken) => mediator.Send(filter, cancellationToken);

    /// <summary>Reads an order.</summary>
    [HttpGet("{id:long}")]
    [ProducesResponseType<ProblemDetails>(StatusCodes.Status404NotFound, "application/problem+json")]
    public Task<OrderRecord> Read(long id, CancellationToken cancellationToken) => mediator.Send(new ReadOrder(id), cancellationToken);

    /// <summary>Asks the gateway now whether an order is paid, and delivers if it is.</summary>
    [HttpPost("{id:long}/reconcile")]
    [ProducesResponseType<ProblemDetails>(StatusCodes.Status404NotFound, "application/problem+json")]
    [ProducesResponseType<ProblemDetails>(StatusCodes.Status502BadGateway, "application/problem+json")]
    public Task<OrderRecord> Reconcile(long id, CancellationToken cancellationToken) => mediator.Send(new ReconcileOrder(id), cancellationToken);

    /// <summary>Delivers what is paid for and could not be delivered before, as when the account was gone or full.</summary>
    [HttpPost("{id:long}/redeliver")]
    [ProducesResponseType<ProblemDetails>(StatusCodes.Status404NotFound, "application/problem+json")]
    public Task<OrderRecord> Redeliver(long id, CancellationToken cancellationToken) => mediator.Send(new RedeliverOrder(id), cancellationToken);

    /// <summary>Takes your word that an order is paid, and delivers. First ask the gateway, with <c>reconcile</c>.</summary>
    [HttpPost("{id:long}/confirm")]
    [ProducesResponseType<ValidationProblemDetails>(StatusCodes.Status400BadRequest, "application/problem+json")]
    [ProducesResponseType<ProblemDetails>(StatusCodes.Status404NotFound, "application/problem+json")]
    [ProducesResponseType<ProblemDetails>(StatusCodes.Status409Conflict, "application/problem+json")]
    public Task<OrderRecord> Confirm(long id, Word word, CancellationToken cancellationToken) =>
        mediator.Send(new ConfirmOrder(id, word.Reason, word.GatewayOrderId), cancellationToken);

    /// <summary>
    /// Gives the whole amount back and takes back what was delivered, as far as it is still there; what is not, <c>attention</c> tells.
    /// After a 502 the outcome is open: ask again, the money goes back once. 409 while another call asks for the same refund.
    /// </summary>
    [HttpPost("{id:long}/refund")]
    [ProducesResponseType<ValidationProblemDetails>(StatusCodes.Status400BadRequest, "application/problem+json")]
    [ProducesResponseType<ProblemDetails>(StatusCodes.Status404NotFound, "application/problem+json")]
    [ProducesResponseType<ProblemDetails>(StatusCodes.Status409Conflict, "application/problem+json")]
    [ProducesResponseType<ProblemDetails>(StatusCodes.Status502BadGateway, "application/problem+json")]
    public Task<OrderRecord> Refund(long id, RefundRequest refund, CancellationToken cancellationToken) =>
        mediator.Send(new RefundOrder(id, refund.Reason), cancellationToken);

    /// <summary>
    /// Takes the order's <c>attention</c> away. 409 while its money is on its way: paid and not delivered, or a refund whose outcome is open.
    /// </summary>
    [HttpPost("{id:long}/dismiss")]
    [ProducesResponseType<ValidationProblemDetails>(StatusCodes.Status400BadRequest, "application/problem+json")]
    [ProducesResponseType<ProblemDetails>(StatusCodes.Status404NotFound, "application/problem+json")]
    [ProducesResponseType<ProblemDetails>(StatusCodes.Status409Conflict, "application/problem+json")]
    public Task<OrderRecord> Dismiss(long id, Dismissal dismissal, CancellationToken cancellationToken) =>
        mediator.Send(new DismissAttention(id, dismissal.Reason), cancellationToken);

    /// <summary>Ends an unpaid order, at the gateway first.</summary>
    [HttpPost("{id:long}/close")]
    [ProducesResponseType<ProblemDetails>(StatusCodes.Status404NotFound, "application/problem+json")]
    [ProducesResponseType<ProblemDetails>(StatusCodes.Status502BadGateway, "application/problem+json")]
    public Task<OrderRecord> Close(long id, CancellationToken cancellationToken) => mediator.Send(new CloseOrder(id), cancellationToken);
}
