using System.Text.Json;
using MediatR;

namespace PayRecharge.Application;

/// <summary>Lists what admins changed, newest first, 100 at most.</summary>
public sealed record ListChanges : IRequest<IReadOnlyList<AdminChangeView>>
{
    /// <summary>Only changes of this, such as <c>order 17</c>, <c>user 3</c>, <c>card-rule 9</c> or <c>settings</c>.</summary>
    public string? Subject { get; init; }
    /// <summary>Only changes with a lower id: the last one of the page before.</summary>
    public long? Before { get; init; }
}

/// <summary>A change that was made at an admin's word.</summary>
/// <param name="Id">The change's id.</param>
/// <param name="At">When it was made (UTC).</param>
/// <param name="Actor">Who made it; <c>system</c>: no admin did.</param>
/// <param name="Address">The address it came from.</param>
/// <param name="Action">The name of the message.</param>
/// <param name="Subject">What was changed.</param>
/// <param name="Before">What was there before: only what changed, by row; secrets are <c>***</c>. Absent where something was made.</param>
/// <param name="After">The same after the change. Absent where something was removed.</param>
public sealed record AdminChangeView(
    long Id, DateTimeOffset At, string Actor, string Address, string Action, string Subject, JsonElement? Before, JsonElement? After);

/// <summary>The recorded changes.</summary>
public interface IAdminChanges
{
    /// <summary>Reads the newest, at most <paramref name="take"/> with an id below <paramref name="before"/>.</summary>
    Task<IReadOnlyList<AdminChangeView>> ReadNewestAsync(string? subject, long? before, int take, CancellationToken cancellationToken);
}

internal sealed class ListChangesHandler(IAdminChanges changes) : IRequestHandler<ListChanges, IReadOnlyList<AdminChangeView>>
{
    public Task<IReadOnlyList<AdminChangeView>> Handle(ListChanges request, CancellationToken cancellationToken) =>
        changes.ReadNewestAsync(request.Subject, request.Before, 100, cancellationToken);
}
