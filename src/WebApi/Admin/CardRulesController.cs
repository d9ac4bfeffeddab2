using MediatR;
using Microsoft.AspNetCore.Mvc;
using PayRecharge.Application.Cards;

namespace PayRecharge.WebApi.Admin;

/// <summary>The kamis on offer.</summary>
[Route("api/admin/card-rules")]
public sealed class CardRulesController(IMediator mediator) : AdminController
{
    /// <summary>The contents of a rule.</summary>
    /// <param name="PriceFen">The price in fen.</param>
    /// <param name="Credits">Credits of the soft-credit type.</param>
    /// <param name="TradeCredits">Credits of the trade-credit type.</param>
    /// <param name="Seconds">Seconds of card time.</param>
    /// <param name="Devices">Devices added to the account's allowance.</param>
    public sealed record Offer(long PriceFen, long Credits, long TradeCredits, long Seconds, long Devices);

    /// <summary>Lists the rules by ascending id.</summary>
    [HttpGet]
    public Task<IReadOnlyList<CardRuleView>> List(CancellationToken cancellationToken) => mediator.Send(new ListCardRules(), cancellationToken);

    /// <summary>Creates or replaces a rule. Existing orders keep their original contents.</summary>
    [HttpPut("{id:long}")]
    [ProducesResponseType<ValidationProblemDetails>(StatusCodes.Status400BadRequest, "application/problem+json")]
    public Task<CardRuleView> Save(long id, Offer offer, CancellationToken cancellationToken) => mediator.Send(
        new SaveCardRule(id, offer.PriceFen, offer.Credits, offer.TradeCredits, offer.Seconds, offer.Devices), cancellationToken);

    /// <summary>Removes a rule.</summary>
    [HttpDelete("{id:long}")]
    [ProducesResponseType(StatusCodes.Status204NoContent)]
    [ProducesResponseType<ProblemDetails>(StatusCodes.Status404NotFound, "application/problem+json")]
    public async Task<IActionResult> Remove(long id, CancellationToken cancellationToken)
    {
        await mediator.Send(new RemoveCardRule(id), cancellationToken);
        return NoContent();
    }
}
