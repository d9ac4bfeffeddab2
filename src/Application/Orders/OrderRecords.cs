using AutoMapper;
using PayRecharge.Domain;
using PayRecharge.Domain.Accounts;
using PayRecharge.Domain.Orders;

namespace PayRecharge.Application.Orders;

/// <summary>Reads orders for admins, with buyer names and kami codes.</summary>
internal sealed class OrderRecords(IOrderQueries orders, IUserAccountRepository accounts, IMapper mapper)
{
    /// <summary>Reads an order.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.OrderUnknown"/>.</exception>
    public async Task<OrderRecord> ReadAsync(long id, CancellationToken cancellationToken) =>
        (await OfAsync([await orders.ReadAsync(id, cancellationToken) ?? throw new RefusedException(Refusal.OrderUnknown)], cancellationToken))[0];

    /// <summary>Adds names and kami codes to orders, in the same sequence.</summary>
    public async Task<IReadOnlyList<OrderRecord>> OfAsync(IReadOnlyList<Order> found, CancellationToken cancellationToken)
    {
        var records = mapper.Map<List<OrderRecord>>(found);
        var names = await accounts.ReadNamesAsync([.. found.Select(o => o.Uid).Distinct()], cancellationToken);
        var sold = found.Where(o => o.Status == OrderStatus.Fulfilled && o.Purchase.Kind == PurchaseKind.Kami).Select(o => o.Id).ToList();
        var codes = await orders.ReadKamiCodesAsync(sold, cancellationToken);
        foreach (var record in records)
        {
            record.UserName = names.GetValueOrDefault(record.Uid);
            record.Kami = codes.GetValueOrDefault(record.Id);
        }
        return records;
    }
}
